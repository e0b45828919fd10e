"""Rules of the FAQ about keys, through the command line of the service and the reference catalog."""

import datetime
from pathlib import Path

import pytest

from tests.cli.service.conftest import Desk, set_up
from tests.cli.service.conftest import passphrase as passphrase


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, passphrase: Path) -> Desk:
    """A service that sells the reference catalog; every test has customers of its own."""
    return set_up(tmp_path_factory.mktemp("faq"), passphrase)


OPEN_VALUE = ("--program", "open-value", "--licenses", "windows-7-enterprise=1", "--licenses", "office-2010=1")


def day(offset: int) -> str:
    """A day from today, in UTC."""
    return (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=offset)).isoformat()


def test_f04_service_one_key_for_every_architecture(desk: Desk) -> None:
    """One key serves every edition of a product by processor: no command asks for one, and no key says one."""
    help_text = desk.run("key", "issue", "--help", json=False).out
    issued = desk.issue(desk.customer(), "office-2010", "mak").data
    shown = desk.run("key", "show", "DIR", issued["keyid"]).data
    assert not any("arch" in name or "bit" in name for name in (*issued, *shown))
    assert "--arch" not in help_text


def test_f05_service_knows_no_payment(desk: Desk) -> None:
    """No refusal comes from a payment state, since agreements and keys have no member that could hold one."""
    licensing_id = desk.customer("--program", "open-license", "--licenses", "office-2010=1")
    issued = desk.issue(licensing_id, "office-2010", "mak").data
    members = {
        *desk.run("agreement", "show", "DIR", licensing_id).data,
        *desk.run("key", "show", "DIR", issued["keyid"]).data,
    }
    words = ("pay", "paid", "invoice", "billing", "due", "balance", "price_total")
    assert not [name for name in members if any(word in name for word in words)]


def test_f18_service_six_hosts_a_host_key(desk: Desk) -> None:
    """A host key has places for six hosts, more on request with a reason."""
    keyid = desk.issue(desk.customer(), "windows-server-2008-r2-standard", "host").data["keyid"]
    assert desk.run("key", "show", "DIR", keyid).data["remaining"] == 6
    raised = desk.run("key", "set", "DIR", keyid, "--activations", 7, "--reason", "a seventh site").data
    assert (raised["allowance"], raised["remaining"]) == (7, 7)


@pytest.mark.parametrize(
    ("asked", "group"),
    [
        ("windows-7-enterprise", "windows-7"),
        ("windows-server-2008-r2-standard", "windows-server-2008-r2-b"),
        ("project-2010", "office-2010"),
        ("visio-2013", "office-2013"),
    ],
)
def test_f19_service_host_key_of_the_group(desk: Desk, asked: str, group: str) -> None:
    """A host key asked for Project or Visio is that of office, while their multiple activation keys are their own."""
    licensing_id = desk.customer()
    assert desk.issue(licensing_id, asked, "host").data["product_group"] == group
    mak = desk.issue(licensing_id, asked, "mak").data["product_group"]
    assert mak == {"project-2010": "project-2010", "visio-2013": "visio-2013"}.get(asked, group)


def test_f25_service_allowance_with_a_reason(desk: Desk) -> None:
    """A multiple activation key has a predetermined number, which is raised or lowered for a reason on record."""
    keyid = desk.issue(desk.customer(), "office-2010", "mak", "--activations", 10).data["keyid"]
    change = ("key", "set", "DIR", keyid, "--activations")
    assert desk.run(*change, 25).code == 2
    assert desk.run(*change, 25, "--reason", "reimaging in spring").data["allowance"] == 25
    assert desk.run(*change, 5, "--reason", "the spring is over").data["allowance"] == 5
    assert desk.run(*change, -1, "--reason", "less than nothing").code == 2
    history = desk.run("key", "show", "DIR", keyid).data["history"]
    assert [(line["what"], line["why"]) for line in history] == [
        ("issued for 10 activations", None),
        ("allowance set from 10 to 25", "reimaging in spring"),
        ("allowance set from 25 to 5", "the spring is over"),
    ]


@pytest.mark.parametrize("kind", ["mak", "host"])
def test_f30_service_both_kinds_within_the_days(desk: Desk, kind: str) -> None:
    """Every valid agreement gets both kinds of key, from its first day to its last one, which counts."""
    product = "windows-7-enterprise"
    valid = desk.customer(*OPEN_VALUE, "--valid-from", day(0), "--valid-until", day(0))
    keyid = desk.issue(valid, product, kind).data["keyid"]
    early = desk.customer(*OPEN_VALUE, "--valid-from", day(1))
    assert desk.issue(early, product, kind).refused == "agreement_not_started"
    late = desk.customer(*OPEN_VALUE, "--valid-from", day(-9), "--valid-until", day(-1))
    assert desk.issue(late, product, kind).refused == "agreement_ended"
    desk.run("agreement", "set", "DIR", valid, "--valid-until", day(0))
    assert desk.run("key", "set", "DIR", keyid, "--activations", 70, "--reason", "more").code == 0


def test_f30_service_no_raise_after_the_end(desk: Desk) -> None:
    """After an agreement's end its keys stay as they are, and are not raised."""
    licensing_id = desk.customer(*OPEN_VALUE, "--valid-from", day(-9), "--valid-until", day(0))
    keyid = desk.issue(licensing_id, "office-2010", "mak").data["keyid"]
    desk.run("agreement", "set", "DIR", licensing_id, "--valid-until", day(-1))
    assert desk.run("key", "set", "DIR", keyid, "--activations", 70, "--reason", "more").refused == "agreement_ended"
    shown = desk.run("key", "show", "DIR", keyid).data
    assert (shown["state"], shown["allowance"]) == ("active", 50)


@pytest.mark.parametrize("product", ["windows-xp-professional", "windows-server-2003", "sbs-2003-standard"])
@pytest.mark.parametrize("kind", ["mak", "host"])
def test_f34_service_no_volume_key_before_vista(desk: Desk, product: str, kind: str) -> None:
    """Products before Vista, Server 2008 and office 2010 have neither a multiple activation key nor a host key."""
    assert desk.issue(desk.customer(), product, kind).refused == "kind_not_offered"


@pytest.mark.parametrize("product", ["sbs-2011-standard", "sbs-2011-essentials", "sbs-2011-premium-addon"])
def test_f39_service_no_host_key_for_small_business_server(desk: Desk, product: str) -> None:
    """Small Business Server 2011 has no host key, and its Premium Add-on takes the MAK of Server 2008 R2 B."""
    licensing_id = desk.customer()
    assert desk.issue(licensing_id, product, "host").refused == "kind_not_offered"
    group = desk.issue(licensing_id, product, "mak").data["product_group"]
    assert group == ("windows-server-2008-r2-b" if "premium" in product else "sbs-2011")


def test_f06_service_keys_belong_to_a_licensing_id(desk: Desk) -> None:
    """A customer holds several Licensing IDs, all in its summary, each with keys of its own."""
    first = desk.customer()
    owner = desk.run("agreement", "show", "DIR", first).data["organization_id"]
    second = desk.run("agreement", "add", "DIR", "--organization", owner, *OPEN_VALUE).data["licensing_id"]
    keyid = desk.issue(second, "office-2010", "mak").data["keyid"]
    listed = desk.run("summary", "DIR", owner).data["licensing_ids"]
    assert sorted(each["licensing_id"] for each in listed) == sorted((first, second))
    keys = [desk.run("agreement", "show", "DIR", each).data["keys"] for each in (first, second)]
    assert [[key["keyid"] for key in found] for found in keys] == [[], [keyid]]


def test_f08_service_rights_of_the_program(desk: Desk) -> None:
    """Every agreement shows its program's rights, null where no number limits them."""
    shown = desk.run("agreement", "show", "DIR", desk.customer()).data
    assert shown["rights"] == {"reimaging": None, "downgrade": None, "evaluation": None, "training": 20, "backup": 1}
    assert shown["keys_shown"] is True
    bought = ("--program", "isv-royalty", "--licenses", "office-2010=1")
    assert desk.run("agreement", "show", "DIR", desk.customer(*bought)).data["keys_shown"] is False


def test_f10_service_family_uses_keys_by_choice(desk: Desk) -> None:
    """A child sees its parent's Licensing ID once the choice is recorded, until it is taken back; strangers never."""
    parent_id = desk.customer()
    parent = desk.run("agreement", "show", "DIR", parent_id).data["organization_id"]
    child = desk.run("organization", "add", "DIR", "Nordlys Sol", "--parent", parent).data["organization_id"]
    stranger = desk.run("organization", "add", "DIR", "Sydlys").data["organization_id"]
    use = ("organization", "use-keys", "DIR")
    given = desk.run(*use, child, "--of", parent_id).data
    assert given == {"organization_id": child, "licensing_id": parent_id, "owner": parent, "uses": True}
    seen = desk.run("summary", "DIR", child).data["licensing_ids"]
    assert [(each["licensing_id"], each["owner"], each["by_grant"]) for each in seen] == [(parent_id, parent, True)]
    assert desk.run("agreement", "show", "DIR", parent_id).data["used_by"] == [child]
    assert desk.run(*use, stranger, "--of", parent_id).refused == "not_in_family"
    assert desk.run(*use, parent, "--of", parent_id).code == 2
    assert desk.run(*use, child, "--of", parent_id, "--stop").data["uses"] is False
    assert desk.run("summary", "DIR", child).data["licensing_ids"] == []


def test_f28_service_allowance_and_why(desk: Desk) -> None:
    """Fifty activations for up to 25 licenses, and the reasons; a key that is issued has that number."""
    licensing_id = desk.customer("--program", "open-license", "--licenses", "office-2010=25")
    told = desk.run("allowance", "DIR", "--licensing-id", licensing_id, "--product", "office-2010").data
    assert told["activations"] == desk.issue(licensing_id, "office-2010", "mak").data["allowance"] == 50
    reasons = " ".join(told["because"])
    assert all(word in reasons for word in ("Open License", "25 licenses", "Office 2010", "50 activations", "FAQ"))


def test_f29_service_rollout_check(desk: Desk) -> None:
    """With 120 computers to reimage and 87 activations left, 33 are to be asked for."""
    keyid = desk.issue(desk.customer(), "office-2010", "mak", "--activations", 87).data["keyid"]
    check = ("rollout-check", "DIR", keyid, "--computers")
    told = desk.run(*check, 120).data
    assert (told["enough"], told["remaining"], told["ask_for"], told["computers"]) == (False, 87, 33, 120)
    assert told["center"]["country"] == "US"
    assert "120 to activate, 87 left: ask for 33" in desk.run(*check, 120, json=False).out
    assert desk.run(*check, 87).data["ask_for"] == 0
    assert desk.run(*check, -5).code == 2


@pytest.mark.parametrize(("product", "kind"), [("windows-xp-professional", "setup"), ("windows-7-professional", "oem")])
def test_f02_service_setup_key_counts_nothing(desk: Desk, product: str, kind: str) -> None:
    """A key that activates offline has no number of activations, and none can be given to it."""
    licensing_id = desk.customer()
    issued = desk.issue(licensing_id, product, kind).data
    assert (issued["allowance"], issued["used"], issued["remaining"]) == (None, 0, None)
    shown = desk.run("key", "show", "DIR", issued["keyid"]).data
    assert (shown["allowance"], shown["remaining"], shown["product"]) == (None, None, product)
    assert desk.issue(licensing_id, product, kind, "--activations", 5).code == 2
    assert desk.run("key", "set", "DIR", issued["keyid"], "--activations", 5, "--reason", "more").code == 2
