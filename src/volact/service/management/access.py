"""Who may call: tokens and their scopes, and what a token of an organization can see.

What is another's is answered like what does not exist: the same code, the same words.
"""

from __future__ import annotations

import time

from django.http import HttpRequest
from ninja.security import HttpBearer

from volact.errors import Refusal, Refused
from volact.service.ledger import customers
from volact.service.ledger.rows import AgreementRow, KeyRow, OrganizationRow, TokenRow
from volact.service.management.limits import checked
from volact.service.management.office import office_of, visit_of
from volact.service.ports import Service
from volact.service.usecases.customers import (
    known_agreement,
    known_organization,
    unknown_agreement,
    unknown_organization,
)
from volact.service.usecases.families import in_family
from volact.service.usecases.keys import known_key, unknown_key
from volact.service.usecases.showing import summary
from volact.service.usecases.tokens import check_token, token_refused


class Token(HttpBearer):
    """Lets a token with one scope in; counts requests by address, wrong tokens by address, and requests by token."""

    is_async = True

    def __init__(self, scope: str, *, filters: frozenset[str]) -> None:
        super().__init__()
        self.scope = scope
        self._filters = filters

    async def __call__(self, request: HttpRequest) -> TokenRow:
        """The token; raises Refused: `token_refused`, `scope_missing`, `too_many_requests`, `request_malformed`."""
        office, visit = office_of(request), visit_of(request)
        visit.route = request.resolver_match.route
        visit.take(office.limits.address, visit.address)
        checked(office.limits.wrong.left(visit.address, now=time.monotonic()))
        word, _, text = request.headers.get("Authorization", "").partition(" ")
        try:
            if word.lower() != "bearer":
                raise Refused(token_refused())
            row = await office.read(lambda service: check_token(service, text.strip(), now=service.clock.now()))
        except Refused as err:
            if err.code == "token_refused":
                office.limits.wrong.take(visit.address, now=time.monotonic())
            raise
        visit.token = row
        visit.take(office.limits.token, row.token_id)
        if self.scope not in row.scopes:
            detail = f"the token has no scope {self.scope}"
            raise Refused(Refusal("scope_missing", detail, {"scope": self.scope, "scopes": list(row.scopes)}))
        self._check_query(request)
        return row

    def _check_query(self, request: HttpRequest) -> None:
        """A filter that is mistyped must not read as none."""
        if any(name not in self._filters or len(values) > 1 for name, values in request.GET.lists()):
            known = ", ".join(sorted(self._filters)) or "nothing"
            detail = f"{known} can be asked for here, each once"
            raise Refused(Refusal("request_malformed", detail, {"errors": [{"where": "query", "what": detail}]}))

    async def authenticate(self, request: HttpRequest, token: str) -> TokenRow:
        """Not asked by ninja, since the whole call is ours."""
        raise NotImplementedError


def seen_organization(service: Service, organization_id: str, *, token: TokenRow) -> OrganizationRow:
    """An organization that the token can see; raises Refused (`unknown_organization`)."""
    if token.organization_id not in (None, organization_id):
        raise Refused(unknown_organization(organization_id))
    return known_organization(service, organization_id)


def seen_agreement(service: Service, licensing_id: str, *, token: TokenRow) -> AgreementRow:
    """An agreement that is the token's organization's, or whose keys that may use; raises `unknown_agreement`."""
    row, holder = known_agreement(service, licensing_id), token.organization_id
    if holder is None or holder == row.organization_id or _uses(service, holder, agreement=row):
        return row
    raise Refused(unknown_agreement(licensing_id))


def seen_key(service: Service, keyid: str, *, token: TokenRow) -> KeyRow:
    """A key of an agreement that the token can see; raises Refused (`key_unknown`)."""
    row = known_key(service, keyid)
    try:
        seen_agreement(service, row.licensing_id, token=token)
    except Refused:
        raise Refused(unknown_key(keyid)) from None
    return row


def seen_ids(service: Service, token: TokenRow) -> tuple[str, ...] | None:
    """The Licensing IDs whose agreements and keys the token can see; None is all."""
    if token.organization_id is None:
        return None
    return tuple(each.agreement.licensing_id for each in summary(service, token.organization_id))


def _uses(service: Service, holder: str, *, agreement: AgreementRow) -> bool:
    granted = holder in customers.users_of(service.ledger, agreement.licensing_id)
    return granted and in_family(service, holder, other=agreement.organization_id)
