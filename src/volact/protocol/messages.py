"""What travels beside a signed request: the answer to it, and the file that carries an answer (spec P-2)."""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec

from volact.credential import strictjson
from volact.credential.fields import Version
from volact.credential.jws import DOCUMENT_LIMIT
from volact.errors import Malformed

ANSWER_LIMIT = 64 * 1024

Code = Annotated[str, msgspec.Meta(pattern=r"\A[a-z][a-z_]{1,63}\Z")]


class Versions(msgspec.Struct, frozen=True):
    """The newest versions that the answerer knows; whoever is behind fetches, root first."""

    root: Version
    catalog: Version
    revocations: Version


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A granted request: the credential, a host's certificate with a lease, and the newest version numbers.

    `notice` is the code of what would refuse the request if it came for the first time now: unsigned, and advice.
    `checkpoint` is the newest one of the publisher's log that the answerer knows.
    """

    credential: str
    certificate: str | None = None
    versions: Versions
    notice: Code | msgspec.UnsetType = msgspec.UNSET
    checkpoint: str | msgspec.UnsetType = msgspec.UNSET


class AnswerFile(Answer, frozen=True, kw_only=True):
    """An answer for a computer without a network: with it come the roots and the list that it may be behind on.

    One for a host has the catalog too, which `host update` brings.
    """

    roots: tuple[str, ...] = ()
    revocations: str | None = None
    catalog: str | None = None


Message = TypeVar("Message", Answer, AnswerFile)


def encode(message: Answer) -> bytes:
    """Writes an answer as JSON."""
    return msgspec.json.encode(message)


def decode(kind: type[Message], data: bytes, *, limit: int = ANSWER_LIMIT) -> Message:
    """Reads an answer of at most `limit` bytes; raises Malformed."""
    try:
        return msgspec.convert(strictjson.loads(data, limit), kind)
    except msgspec.ValidationError as err:
        raise Malformed(f"the answer's content does not fit: {err}") from err


def decode_file(data: bytes) -> AnswerFile:
    """Reads an answer file, which may be as large as its documents; raises Malformed."""
    return decode(AnswerFile, data, limit=2 * DOCUMENT_LIMIT)
