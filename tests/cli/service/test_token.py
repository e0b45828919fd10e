from __future__ import annotations

from tests.cli.service.conftest import Desk


def test_a_token_is_shown_once_and_listed_without_its_secret(desk: Desk) -> None:
    """What is made is shown this once; the list names it, what it may do and until when, and has no secret."""
    made = desk.run(
        "token", "add", "DIR", "back office", "--scope", "keys:read", "--scope", "keys:reveal", "--days", "30"
    )
    text = made.data["token"]
    assert text.startswith(f"vlt_{made.data['token_id']}_")
    listed = desk.run("token", "list", "DIR")
    assert text.rpartition("_")[2] not in listed.out
    (row,) = listed.data["tokens"]
    assert (row["name"], row["scopes"], row["organization_id"]) == ("back office", ["keys:read", "keys:reveal"], None)
    assert row["expires"] > row["at"]
    shown = desk.run("token", "list", "DIR", json=False).out
    assert "back office" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_customers_token_may_do_less(desk: Desk) -> None:
    """A token for an organization is refused with a scope of the publisher's, and for one that is not."""
    owner = desk.run("organization", "add", "DIR", "Nordlys").data["organization_id"]
    made = desk.run("token", "add", "DIR", "fleet", "--organization", owner)
    assert "keys:write" not in made.data["scopes"]
    refused = desk.run("token", "add", "DIR", "fleet", "--organization", owner, "--scope", "keys:write")
    assert (refused.code, refused.data["error"]["code"]) == (2, "usage")
    assert desk.run("token", "add", "DIR", "fleet", "--organization", "O-0000-0000").refused == "unknown_organization"
    for wrong in (("--scope", "none"), ("--days", "0")):
        assert desk.run("token", "add", "DIR", "x", *wrong).code == 2


def test_a_revoked_token_stays_so(desk: Desk) -> None:
    """Revoked twice, a token has ended once; one that is not is refused by name."""
    token_id = desk.run("token", "add", "DIR", "gone").data["token_id"]
    first, second = (desk.run("token", "revoke", "DIR", token_id.lower()).data for _ in range(2))
    assert first["revoked_at"] == second["revoked_at"] is not None
    assert desk.run("token", "revoke", "DIR", "0000000000").refused == "unknown_token"
    assert "is revoked" in desk.run("token", "revoke", "DIR", token_id, json=False).out


def test_no_token_yet_says_how_to_make_one(desk: Desk) -> None:
    """A service without tokens says the command that makes the first one."""
    assert "volact service token add" in desk.run("token", "list", "DIR", json=False).out
