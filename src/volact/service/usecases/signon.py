"""Single sign-on: which provider of OpenID Connect says who a member is, with a secret that is sealed."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from volact.errors import say
from volact.service.ledger import audit, settings
from volact.service.ledger.connection import writing
from volact.service.ports import Act, Service
from volact.service.usecases.names import check_name, misused
from volact.service.webhooks.targets import read_target

_SUBJECT = "sign-on"
_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class SignOn:
    """A provider of OpenID Connect: the issuer's URL, what this service is called there, and what members call it."""

    issuer: str
    client_id: str
    secret: str
    name: str


def set_sign_on(service: Service, wanted: SignOn, *, act: Act) -> None:
    """Puts a provider on record, its secret sealed; a service that runs takes it up when it starts again.

    Raises Refused: `webhook_target_refused` for an issuer that is no URL, `usage`.
    """
    read_target(wanted.issuer)
    for text, what in ((wanted.client_id, say("a client id")), (wanted.secret, say("a secret"))):
        if not 0 < len(text) <= _LONGEST or not text.isprintable():
            raise misused(say("{what} has 1 to {most} characters, on one line", what=what, most=_LONGEST))
    name, issuer = check_name(wanted.name, say("a name")), wanted.issuer.rstrip("/")
    sealed = base64.b64encode(service.vault.envelope.seal(wanted.secret.encode(), _SUBJECT)).decode()
    kept = {"issuer": issuer, "client_id": wanted.client_id, "name": name, "sealed": sealed}
    with writing(service.ledger):
        settings.put(service.ledger, settings.SIGN_ON, value=json.dumps(kept))
        detail = {"issuer": issuer, "client_id": wanted.client_id}
        audit.write(service.ledger, act, what="sign-on set", subject=_publisher(service), detail=detail)


def clear_sign_on(service: Service, *, act: Act) -> None:
    """Takes the provider off record; members sign in by password or passkey."""
    with writing(service.ledger):
        if settings.text(service.ledger, settings.SIGN_ON):
            settings.put(service.ledger, settings.SIGN_ON, value="")
            audit.write(service.ledger, act, what="sign-on cleared", subject=_publisher(service), detail={})


def sign_on(service: Service) -> SignOn | None:
    """The provider on record; raises Damaged where its secret is another vault's."""
    text = settings.text(service.ledger, settings.SIGN_ON)
    if not text:
        return None
    kept = json.loads(text)
    secret = service.vault.envelope.open(base64.b64decode(kept["sealed"]), _SUBJECT).decode()
    return SignOn(kept["issuer"], kept["client_id"], secret, kept["name"])


def _publisher(service: Service) -> str:
    return settings.publisher_id(service.ledger)
