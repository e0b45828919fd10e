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
