"""What an operator settles about the service itself: its clock, where it answers, what it is called, how it looks."""

from __future__ import annotations

from volact.errors import say
from volact.service.ledger import audit, settings
from volact.service.ledger.connection import writing
from volact.service.ports import Act, Service
from volact.service.usecases.names import check_name, misused
from volact.web.colors import LEAST, accent_of, is_color, least_contrast, readable

_LONGEST = 2_000


def confirm_clock(service: Service, act: Act) -> int:
    """An operator vouches for the clock, also to a service that is running; gives the newest time signed before."""
    with writing(service.ledger):
        before = settings.confirm_clock(service.ledger, act.now)
        subject = settings.publisher_id(service.ledger)
        detail = {"newest_signed": before}
        audit.write(service.ledger, act, what="clock confirmed", subject=subject, detail=detail)
    return before


def check_url(url: str) -> str:
    """The address without a slash at its end; raises Refused (`usage`) for what is no address of the web."""
    start = next((scheme for scheme in ("https://", "http://") if url.startswith(scheme)), None)
    if start is None or len(url) == len(start) or len(url) > _LONGEST or not url.isprintable() or " " in url:
        raise misused(
            say("a service answers at an address like https://activation.acme.example, not {url}", url=url[:200])
        )
    return url.rstrip("/")


def set_url(service: Service, url: str, *, act: Act) -> None:
    """Records where the service answers, for publisher files; the same URL again changes nothing."""
    with writing(service.ledger):
        _set(service, settings.URL, value=url, act=act)


def set_name(service: Service, name: str, *, act: Act) -> None:
    """Records what pages call the publisher; what root versions call it stays signed. Raises Refused (`usage`)."""
    with writing(service.ledger):
        _set(service, settings.PUBLISHER_NAME, value=check_name(name, say("a publisher's name")), act=act)


def set_accent(service: Service, color: str, *, act: Act) -> None:
    """Records the color of buttons and links, an empty text for our own.

    Raises Refused (`usage`) for what is no color, and for one that could not be read, with the nearest that could.
    """
    accent = color.strip().lower()
    if accent and not is_color(accent):
        raise misused(say('"{color}" is not a color like #0b5d63', color=color[:20]))
    if accent and accent_of(accent) is None:
        found = f"{least_contrast(accent):.1f}:1"
        raise misused(
            say(
                "{color} has a contrast of {found} where it is read, and needs {least}:1; {nearest} has that",
                color=accent,
                found=found,
                least=LEAST,
                nearest=readable(accent),
            )
        )
    with writing(service.ledger):
        _set(service, settings.ACCENT, value=accent, act=act)


def _set(service: Service, name: str, *, value: str, act: Act) -> None:
    if (settings.text(service.ledger, name) or "") == value:
        return
    settings.put(service.ledger, name, value=value)
    subject = settings.publisher_id(service.ledger)
    audit.write(service.ledger, act, what=f"{name} set", subject=subject, detail={name: value})
