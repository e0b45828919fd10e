"""The form in which telephony providers ask and are answered: signed form posts in, a document of what to do out.

Several providers share it. A request is signed with the token that both sides hold: base64 of HMAC-SHA-1 over the URL,
followed by the name and the value of each field, in the order of the names (ADR 19).
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha1
from itertools import groupby
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape, quoteattr

from volact.errors import Refusal, Refused
from volact.service.telephone.calls import Answer
from volact.service.telephone.texts import TAGS, Clip, spoken
from volact.service.usecases.telephoneprovider import Provider

PREFIX = "/telephone/"
SIGNATURE = "x-twilio-signature"
MEDIA = "application/xml"
MOST_FIELDS, MOST_BYTES = 100, 16 * 1024
SECONDS = 10  # of silence, until a question is asked again


def read_form(body: bytes, media: str) -> dict[str, str]:
    """The fields of a form; raises Refused (`request_malformed`) for anything else, and for a field twice."""
    if media.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded" or len(body) > MOST_BYTES:
        raise _malformed(f"a form of at most {MOST_BYTES} bytes is asked for")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS, separator="&"
        )
    except ValueError as err:
        raise _malformed("the form cannot be read") from err
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise _malformed("a field of the form is there twice")
    return fields


def signature(provider: Provider, path: str, *, fields: Mapping[str, str]) -> str:
    """What a request with these fields is signed with."""
    text = provider.url + path + "".join(name + fields[name] for name in sorted(fields))
    return b64encode(hmac.digest(provider.token.encode(), text.encode(), sha1)).decode()


def check_signature(provider: Provider, path: str, *, fields: Mapping[str, str], given: str) -> None:
    """Raises Refused (`call_unsigned`) for a request that is not the provider's, in a time that tells nothing."""
    if not hmac.compare_digest(signature(provider, path, fields=fields).encode(), given.encode()):
        raise Refused(Refusal("call_unsigned", "the request is not signed with the provider's token"))


def document(provider: Provider, answer: Answer, *, sounds: bool) -> bytes:
    """An answer as the provider takes it; with `sounds` its clips are played, else the provider says their texts."""
    said = "".join(_played(provider, answer.says) if sounds else _spoken(answer.says))
    if answer.wants:
        action = f"{provider.url}{PREFIX}turns/{answer.turn}"
        asked = f'numDigits="{answer.wants}" finishOnKey="#" timeout="{SECONDS}" actionOnEmptyResult="true"'
        said = f'<Gather input="dtmf" {asked} action={quoteattr(action)} method="POST">{said}</Gather>'
        said += f'<Redirect method="POST">{escape(action)}</Redirect>'  # where silence is no answer to the provider
    elif answer.connects:
        said += f"<Dial>{escape(provider.person)}</Dial>"
    else:
        said += "<Hangup/>"
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{said}</Response>'.encode()


def _played(provider: Provider, clips: tuple[Clip, ...]) -> Iterator[str]:
    for clip in clips:
        yield f"<Play>{escape(f'{provider.url}{PREFIX}sounds/{clip.language}/{clip.name}.wav')}</Play>"


def _spoken(clips: tuple[Clip, ...]) -> Iterator[str]:
    for language, each in groupby(clips, key=lambda clip: clip.language):
        yield f"<Say language={quoteattr(TAGS[language])}>{escape(spoken(each))}</Say>"


def _malformed(detail: str) -> Refused:
    return Refused(Refusal("request_malformed", detail, {"errors": [{"where": "body", "what": detail}]}))
