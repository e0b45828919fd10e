"""Tokens of the management API: made, checked, ended. A token is shown once; the record has its hash alone."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

from volact.credential.encoding import symbols
from volact.errors import Refusal, Refused, Words, say
from volact.service.ledger import audit, tokens
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.rows import TokenRow
from volact.service.ports import Act, Service
from volact.service.usecases.customers import known_organization
from volact.service.usecases.names import check_note, misused

SCOPES = (
    "activations:read",
    "activations:write",
    "agreements:read",
    "agreements:write",
    "audit:read",
    "catalog:read",
    "catalog:write",
    "center:act",
    "denials:read",
    "hosts:read",
    "hosts:write",
    "keys:read",
    "keys:reveal",
    "keys:write",
    "organizations:read",
    "organizations:write",
    "webhooks:read",
    "webhooks:write",
)
CUSTOMER_SCOPES = (  # what an organization's own token may be given: nothing that only the publisher does
    "activations:read",
    "activations:write",
    "agreements:read",
    "catalog:read",
    "hosts:read",
    "keys:read",
    "keys:reveal",
    "organizations:read",
)
LONGEST_DAYS = 3_660
_DAY = 86_400
_FORM = re.compile(r"vlt_([0-9A-HJKMNP-TV-Z]{10})_([0-9A-HJKMNP-TV-Z]{32})", re.ASCII)
_NOBODY = bytes(32)


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A token in the one moment when it is shown, and what is on record of it."""

    text: str
    row: TokenRow


def add_token(
    service: Service, name: str, *, scopes: Iterable[str], organization_id: str | None, days: int | None, act: Act
) -> MadeToken:
    """Makes a token; one of an organization may do less, and nothing beyond what is that organization's.

    It ends after so many days, None is never. Raises Refused: `usage`, `unknown_organization`.
    """
    wanted = _check_scopes(scopes, organization_id)
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise misused(say("a token ends after 1 to {most} days", most=LONGEST_DAYS))
    token_id = symbols(service.draw(10))
    secret = symbols(service.draw(32))
    with writing(service.ledger):
        owner = known_organization(service, organization_id).organization_id if organization_id else None
        row = TokenRow(
            token_id=token_id,
            name=check_note(name, say("a token's name")),
            scopes=wanted,
            organization_id=owner,
            at=act.now,
            expires=act.now + days * _DAY if days else None,
        )
        tokens.add(service.ledger, row, secret_hash=_hash(secret))
        detail = {"name": row.name, "scopes": list(wanted), "organization": owner, "expires": row.expires}
        audit.write(service.ledger, act, what="token made", subject=token_id, detail=detail)
    return MadeToken(f"vlt_{token_id}_{secret}", row)


def every_token(service: Service) -> tuple[TokenRow, ...]:
    """Every token that was made, the oldest first; without their secrets, which nobody has."""
    with reading(service.ledger):
        return tuple(tokens.tokens(service.ledger))


def revoke_token(service: Service, token_id: str, *, act: Act) -> TokenRow:
    """Ends a token at once; one that was revoked stays so. Raises Refused (`unknown_token`)."""
    with writing(service.ledger):
        if tokens.revoke(service.ledger, token_id, at=act.now):
            audit.write(service.ledger, act, what="token revoked", subject=token_id)
        found = tokens.token(service.ledger, token_id)
        if found is None:
            raise Refused(unknown_token(token_id))
        return found[0]


def check_token(service: Service, text: str, *, now: int) -> TokenRow:
    """The token of a text; raises Refused (`token_refused`), alike whatever is wrong with it."""
    form = _FORM.fullmatch(text)
    with reading(service.ledger):
        found = tokens.token(service.ledger, form[1]) if form else None
    row, known = found or (None, _NOBODY)
    same = hmac.compare_digest(_hash(form[2] if form else ""), known)
    if row is None or not same or row.revoked_at is not None or (row.expires is not None and row.expires <= now):
        raise Refused(token_refused())
    return row


def token_refused() -> Refusal:
    """The refusal of a request without a token that holds."""
    return Refusal("token_refused", "no token was given that is in force: Authorization: Bearer vlt_...")


def unknown_token(token_id: str) -> Refusal:
    """The refusal of an id that no token has."""
    return Refusal("unknown_token", say('no token has the id "{token_id}"', token_id=token_id), {"token_id": token_id})


def _check_scopes(scopes: Iterable[str], organization_id: str | None) -> tuple[str, ...]:
    offered = SCOPES if organization_id is None else CUSTOMER_SCOPES
    wanted = tuple(sorted(set(scopes)))
    if not wanted:
        raise misused(say("a token is made for at least one scope of {scopes}", scopes=", ".join(offered)))
    for scope in wanted:
        if scope not in offered:
            raise misused(_not_offered(scope, offered))
    return wanted


def _not_offered(scope: str, offered: tuple[str, ...]) -> Words:
    scopes = ", ".join(offered)
    if offered == SCOPES:
        return say('"{scope}" is not a scope that a token can have: {scopes}', scope=scope, scopes=scopes)
    return say(
        '"{scope}" is not a scope that a token of an organization can have: {scopes}', scope=scope, scopes=scopes
    )


def _hash(secret: str) -> bytes:
    """160 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()
