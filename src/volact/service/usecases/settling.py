"""What an operator settles about the service itself: that its clock is right, and where it answers."""

from __future__ import annotations

from volact.service.ledger import audit, settings
from volact.service.ledger.connection import writing
from volact.service.ports import Act, Service


def confirm_clock(service: Service, act: Act) -> int:
    """An operator vouches for the clock, also to a service that is running; gives the newest time signed before."""
    with writing(service.ledger):
        before = settings.confirm_clock(service.ledger, act.now)
        subject = settings.publisher_id(service.ledger)
        detail = {"newest_signed": before}
        audit.write(service.ledger, act, what="clock confirmed", subject=subject, detail=detail)
    return before


def set_url(service: Service, url: str, *, act: Act) -> None:
    """Records where the service answers, for publisher files; the same URL again changes nothing."""
    with writing(service.ledger):
        if settings.text(service.ledger, settings.URL) == url:
            return
        settings.put(service.ledger, settings.URL, value=url)
        subject = settings.publisher_id(service.ledger)
        audit.write(service.ledger, act, what="url set", subject=subject, detail={"url": url})
