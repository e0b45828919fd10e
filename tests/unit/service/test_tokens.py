"""Tokens of the management API: their form, what each may do, and when they end."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.service.conftest import DAY, START, Office
from volact.errors import Refusal, Refused
from volact.service.ledger import audit
from volact.service.usecases.customers import add_organization
from volact.service.usecases.tokens import (
    CUSTOMER_SCOPES,
    LONGEST_DAYS,
    SCOPES,
    MadeToken,
    add_token,
    check_token,
    every_token,
    revoke_token,
)


def made(office: Office, *scopes: str, days: int | None = None, organization_id: str | None = None) -> MadeToken:
    """A new token."""
    wanted = scopes or ("keys:read",)
    return add_token(office.service, "erp", scopes=wanted, organization_id=organization_id, days=days, act=office.act)


def refusal(office: Office, text: str, *, now: int = START) -> Refusal:
    """How a token is refused."""
    with pytest.raises(Refused) as caught:
        check_token(office.service, text, now=now)
    return caught.value.refusal


def test_a_token_is_found_by_its_text_and_its_secret_is_nowhere(office: Office) -> None:
    """A token has 160 random bits, is believed as it was shown, and no part of its secret is on record."""
    token = made(office)
    prefix, token_id, secret = token.text.split("_")
    assert (prefix, token_id, len(secret)) == ("vlt", token.row.token_id, 32)
    assert check_token(office.service, token.text, now=START) == token.row
    assert made(office).text != token.text
    assert secret.encode() not in office.on_record()


def test_what_is_no_token_is_refused_alike(office: Office) -> None:
    """Another secret, another's secret, an id of nobody's, an end that passed and a text of any form: one refusal."""
    token, other, short = made(office), made(office), made(office, days=1)
    head, _, secret = token.text.rpartition("_")
    wrong = [
        "",
        "vlt_",
        head,
        f"{head}_{other.text.rpartition('_')[2]}",
        f"{head}_{'0' * 32}",
        f"vlt_0000000000_{secret}",
        token.text.lower(),
        f"{token.text}\n",
        f"{token.text}0",
        token.text.replace("_", "-"),
        f"{head}_{secret[:-1]}\u0660",
        "\0",
        "\ud800",
        "x" * 100_000,
    ]
    refused = [refusal(office, text) for text in wrong] + [refusal(office, short.text, now=START + DAY)]
    assert {each.code for each in refused} == {"token_refused"}
    assert all(each == refused[0] for each in refused)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters()) | st.from_regex(r"\Avlt_[0-9A-Z]{10}_[0-9A-Z]{32}\Z"))
def test_no_text_that_was_not_shown_is_believed(office: Office, text: str) -> None:
    """Whatever is drawn, of the form of a token or not, is none."""
    assert refusal(office, text).code == "token_refused"


def test_a_token_ends_after_its_days_to_the_second(office: Office) -> None:
    """A token of one day is believed for 86,400 seconds; one without an end, always."""
    day, ever = made(office, days=1), made(office)
    assert check_token(office.service, day.text, now=START + DAY - 1).expires == START + DAY
    assert refusal(office, day.text, now=START + DAY).code == "token_refused"
    assert check_token(office.service, ever.text, now=START + 100 * 365 * DAY).expires is None


@pytest.mark.parametrize("days", [0, -1, LONGEST_DAYS + 1])
def test_a_token_of_no_days_is_not_made(office: Office, days: int) -> None:
    """A token lasts 1 day to about ten years, or has no end."""
    with pytest.raises(Refused) as caught:
        made(office, days=days)
    assert (caught.value.code, every_token(office.service)) == ("usage", ())


def test_a_revoked_token_is_refused_at_once_by_every_process(office: Office) -> None:
    """From the revocation on no connection believes the token; revoked again it stays as it was, on record once, and
    others go on."""
    token, other, service = made(office), made(office), office.again()
    assert check_token(service, token.text, now=START) == token.row
    ended = revoke_token(office.service, token.row.token_id, act=office.act)
    with pytest.raises(Refused):
        check_token(service, token.text, now=START)
    office.time.go(DAY)
    assert revoke_token(office.service, token.row.token_id, act=office.act) == ended
    acts = [(entry.act, entry.at) for entry in audit.history(office.service.ledger, token.row.token_id)]
    assert acts == [("token made", START), ("token revoked", START)]
    assert check_token(service, other.text, now=START) == other.row
    with pytest.raises(Refused) as caught:
        revoke_token(office.service, "0" * 10, act=office.act)
    assert caught.value.code == "unknown_token"


def test_scopes_are_those_that_there_are(office: Office) -> None:
    """A token has at least one scope of the list, each once and in order; an organization's has none of the rest."""
    owner = add_organization(office.service, "Nordlys", parent=None, country=None, act=office.act)
    assert made(office, "keys:write", "keys:read", "keys:write").row.scopes == ("keys:read", "keys:write")
    assert made(office, *SCOPES).row.scopes == SCOPES
    assert made(office, *CUSTOMER_SCOPES, organization_id=owner).row.organization_id == owner
    for scope in ("", "keys", "keys:*", "KEYS:READ", "keys:read "):
        with pytest.raises(Refused) as caught:
            made(office, "keys:read", scope)
        assert caught.value.code == "usage"
    for scope in sorted(set(SCOPES) - set(CUSTOMER_SCOPES)):
        with pytest.raises(Refused) as caught:
            made(office, "keys:read", scope, organization_id=owner)
        assert caught.value.code == "usage"
    with pytest.raises(Refused) as caught:
        made(office, organization_id="O-0000-0000")
    assert caught.value.code == "unknown_organization"
    with pytest.raises(Refused):
        add_token(office.service, "x", scopes=(), organization_id=None, days=None, act=office.act)
