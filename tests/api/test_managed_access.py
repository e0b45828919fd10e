"""Every operation of the management API by every scope, without a token, and by a neighbor's token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.test_managed_document import OPERATIONS
from tests.api.test_managed_record import activate, organization_of, pages
from tests.support.managed import Managing, managing
from tests.support.service import Device, Place, now
from volact.errors import Refused
from volact.service.usecases.tokens import CUSTOMER_SCOPES, SCOPES, add_token, revoke_token

ABSENT = {
    "organization_id": "O-0000-0000",
    "licensing_id": "L-0000-0000",
    "keyid": "0000000000",
    "activation_id": "0" * 26,
    "host_id": "0" * 15,
    "case_id": "C-0000-0000",
    "webhook_id": "W-0000-0000",
    "version": "9",
}
BODIES: dict[str, dict[str, Any]] = {  # of what a customer's token may call
    "reveal_keys": {"keyids": ["{keyid}"]},
    "retire_activation": {"reason": "x"},
    "retire_activations": {"activation_ids": ["{activation_id}"], "reason": "x"},
}
QUERIES = {"check_rollout": {"computers": "1"}, "show_allowance": {"product": "tracer-9"}}
DRAWN = ("x-request-id", "ratelimit")  # of an answer, whatever it is


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Managing]:
    """A running front over a publisher with two customers."""
    with managing(Place.make(tmp_path_factory.mktemp("access") / "service")) as office:
        yield office


@pytest.fixture(scope="module")
def mine(office: Managing) -> dict[str, str]:
    """Ids of what is one customer's."""
    place = office.place
    key, host_key = place.key("tracer-9", "mak", activations=9), place.key("solver-server-9", "host")
    activate(office, key)
    assert office.devices.answer("POST", "/v1/requests", Device(place.publisher).host(host_key)).status == 200
    token = office.token()
    return ABSENT | {
        "organization_id": organization_of(office, place.licensing_id),
        "licensing_id": place.licensing_id,
        "keyid": key.keyid,
        "activation_id": pages(office, "/activations", token=token)[0]["activation_id"],
        "host_id": pages(office, "/hosts", token=token)[0]["host_id"],
    }


def called(
    office: Managing, operation: tuple[str, str, dict[str, Any]], ids: dict[str, str], *, token: str | None
) -> Any:
    """The answer of an operation about these ids."""
    method, path, told = operation
    name = told["operationId"]
    body = _filled(BODIES[name], ids) if name in BODIES else ({} if method in ("post", "patch") else None)
    return office.call(
        method.upper(),
        path.removeprefix("/api/v1").format(**ids),
        token=token,
        body=body,
        key=f"{name}-{ids['keyid']}" if method == "post" else None,
        params=QUERIES.get(name),
    )


def test_each_operation_lets_its_own_scope_in_and_no_other(office: Managing, mine: dict[str, str]) -> None:
    """A token with one scope calls the operations of that scope, and is told what it lacks by all others."""
    for scope in SCOPES:
        token = office.token(scope)
        for operation in OPERATIONS:
            reply = called(office, operation, ABSENT, token=token)
            is_let_in = operation[2]["x-scope"] == scope
            code = reply.json().get("code")
            assert (code == "scope_missing") == (not is_let_in), (scope, operation[:2], reply.text)
            assert is_let_in or (reply.status_code, reply.json()["scope"]) == (403, operation[2]["x-scope"])
            assert reply.status_code < 500


def test_no_token_and_any_wrong_one_are_answered_alike(office: Managing, mine: dict[str, str]) -> None:
    """Without a token, with one that is malformed, unknown, revoked or over, the answer is the same, byte for byte."""
    with office.place.opened() as service:
        gone = add_token(service, "gone", scopes=SCOPES, organization_id=None, days=None, act=now())
        revoke_token(service, gone.row.token_id, act=now())
        past = now().now - 2 * 86_400
        over = add_token(service, "over", scopes=SCOPES, organization_id=None, days=1, act=type(now())("test", past))
    wrong = [None, "", "x", "vlt_0000000000_" + "0" * 32, gone.text, over.text, office.token()[:-1] + "!"]
    for operation in OPERATIONS:
        replies = [called(office, operation, mine, token=token) for token in wrong]
        assert {reply.status_code for reply in replies} == {401}
        assert len({reply.content for reply in replies}) == 1
        headers = [{name: reply.headers[name] for name in reply.headers if name not in DRAWN} for reply in replies]
        assert all(each == headers[0] for each in headers)
        assert headers[0]["www-authenticate"].startswith("Bearer")
        assert replies[0].json()["code"] == "token_refused"


def test_what_is_anothers_is_answered_like_what_is_not_by_every_operation(
    office: Managing, mine: dict[str, str]
) -> None:
    """By a neighbor's token every operation answers about another's ids byte for byte as about nobody's."""
    licensing_id = office.place.customer("Fjellvann")
    stranger = office.token(organization_id=organization_of(office, licensing_id))
    seen = 0
    for operation in OPERATIONS:
        _, path, told = operation
        if told["x-scope"] not in CUSTOMER_SCOPES or told["x-scope"] == "catalog:read":
            continue
        names = set(re.findall(r"{(\w+)}", path + str(BODIES.get(told["operationId"], ""))))
        if not names:
            continue
        theirs, nobodys = (called(office, operation, ids, token=stranger) for ids in (mine, ABSENT))
        text = theirs.text
        for name in names:
            text = text.replace(mine[name], ABSENT[name])
        assert (theirs.status_code, text) == (nobodys.status_code, nobodys.text), operation[:2]
        assert "unknown" in text
        owner = office.token(organization_id=mine["organization_id"])
        assert called(office, operation, mine, token=owner).status_code == 200, operation[:2]
        seen += 1
    assert seen >= 10


def test_lists_hold_nothing_of_another_whatever_is_asked_for(office: Managing, mine: dict[str, str]) -> None:
    """A neighbor's lists are empty of another's rows, also when they ask for them by name."""
    licensing_id = office.place.customer("Havn")
    stranger = office.token(organization_id=organization_of(office, licensing_id))
    for method, path, told in OPERATIONS:
        if method != "get" or "{" in path or told["x-scope"] not in CUSTOMER_SCOPES or "catalog" in path:
            continue
        filters = [each["name"] for each in told["parameters"] if each["name"] in mine]
        for asked in ({}, *({name: mine[name]} for name in filters)):
            text = office.get(path.removeprefix("/api/v1"), token=stranger, **asked).text
            assert not any(mine[name] in text for name in mine if name != "version"), (path, asked)
            nobodys = office.get(path.removeprefix("/api/v1"), token=stranger, **{name: ABSENT[name] for name in asked})
            assert text == nobodys.text, (path, asked)


@pytest.mark.parametrize("scope", sorted(set(SCOPES) - set(CUSTOMER_SCOPES)))
def test_a_customers_token_cannot_have_the_publishers_scopes(office: Managing, scope: str) -> None:
    """A token of an organization is refused with a scope that only the publisher acts by."""
    owner = organization_of(office, office.place.licensing_id)
    with office.place.opened() as service, pytest.raises(Refused) as caught:
        add_token(service, "x", scopes=[scope], organization_id=owner, days=None, act=now())
    assert caught.value.code == "usage"


def _filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(each, ids) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, ids) for each in value]
    return value.format(**ids)
