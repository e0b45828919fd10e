"""Which telephony provider calls the menu: where it finds it, and the token by which its requests are known."""

from __future__ import annotations

import re
from dataclasses import dataclass

from volact.errors import Refusal, Refused, say
from volact.service.ledger import audit, settings
from volact.service.ledger.connection import reading, writing
from volact.service.ports import Act, Service
from volact.service.usecases.names import misused

_SUBJECT = "telephone provider"  # whose the sealed token is
_URL = re.compile(r"https://[a-z0-9.-]{1,253}(:[0-9]{1,5})?")
_TOKEN = re.compile(r"[!-~]{16,256}")
_NUMBER = re.compile(r"\+?[0-9]{3,20}")


@dataclass(frozen=True, slots=True)
class Provider:
    """`url` is the start of the menu's addresses as the provider knows them; `person` the number of a person, or ''."""

    url: str
    token: str
    person: str = ""


def set_provider(service: Service, provider: Provider, *, act: Act) -> None:
    """Says which provider may call, in the place of the one before. Raises Refused (`usage`)."""
    if not _URL.fullmatch(provider.url):
        raise misused(
            say("the menu's URL is https:// and a host, as the provider reaches it: https://activate.example.com")
        )
    if not _TOKEN.fullmatch(provider.token):
        raise misused(say("a provider's token is 16 to 256 printable characters without blanks"))
    if provider.person and not _NUMBER.fullmatch(provider.person):
        raise misused(say("a person's number is digits, with a plus before them or not: +4722000000"))
    sealed = service.vault.envelope.seal(provider.token.encode(), _SUBJECT)
    with writing(service.ledger):
        settings.put(service.ledger, settings.TELEPHONE_URL, value=provider.url)
        settings.put(service.ledger, settings.TELEPHONE_TOKEN, value=sealed.hex())
        settings.put(service.ledger, settings.TELEPHONE_PERSON, value=provider.person)
        detail = {"url": provider.url, "person": provider.person}
        audit.write(service.ledger, act, what="telephone menu set", subject=_publisher(service), detail=detail)


def remove_provider(service: Service, *, act: Act) -> None:
    """Ends the menu: nobody's requests are known any more. Raises Refused (`usage`) where there is none."""
    with writing(service.ledger):
        known_provider(service)
        settings.put(service.ledger, settings.TELEPHONE_TOKEN, value="")
        audit.write(service.ledger, act, what="telephone menu removed", subject=_publisher(service))


def provider_of(service: Service) -> Provider | None:
    """The provider that may call, or None."""
    with reading(service.ledger):
        sealed = settings.text(service.ledger, settings.TELEPHONE_TOKEN)
        url = settings.text(service.ledger, settings.TELEPHONE_URL) or ""
        person = settings.text(service.ledger, settings.TELEPHONE_PERSON) or ""
    if not sealed:
        return None
    return Provider(url, service.vault.envelope.open(bytes.fromhex(sealed), _SUBJECT).decode(), person)


def known_provider(service: Service) -> Provider:
    """The same; raises Refused (`usage`) where no provider was set."""
    found = provider_of(service)
    if found is None:
        raise Refused(Refusal("usage", "no provider calls the menu: `volact service telephone set` names one"))
    return found


def _publisher(service: Service) -> str:
    return settings.publisher_id(service.ledger)
