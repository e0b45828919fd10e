"""The FAQ's rules that a computer keeps, through the command line and the SDK, from reference.toml."""

from collections.abc import Iterator

import pytest

import volact as sdk
from tests.support.commands import volact
from tests.support.estate import Estate

WINDOWS, OFFICE = "windows-7-professional", "office-2010"
GRACE_DAYS = 30


@pytest.fixture(scope="module")
def estate(tmp_path_factory) -> Iterator[Estate]:
    """A publisher of the FAQ's products, and a host that has counted 30 computers."""
    with Estate.open(tmp_path_factory.mktemp("faq"), catalog="reference", product=WINDOWS) as found:
        found.fill(WINDOWS, 30)
        yield found


@pytest.fixture
def mak(estate) -> str:
    """A multiple activation key of 2."""
    return estate.place.key(WINDOWS, "mak", activations=2).text


def activate(estate, pc, *words, **more):
    """Activates over the network."""
    return pc.run("activate", "--service", estate.service, *words, **more)


def test_f01_client_one_key_one_installation_one_device(estate):
    """F01: activation ties one retail key to one installation on one device."""
    key = estate.place.key(WINDOWS, "retail").text
    first, second = (estate.computer(WINDOWS, channel="retail") for _ in range(2))
    for pc in (first, second):
        assert pc.run("install-key", key).code == 0
    assert activate(estate, first).product["method"] == "retail"
    assert activate(estate, second).code == 1
    assert (first.status()["state"], second.status()["state"]) == ("licensed", "unlicensed")
    assert activate(estate, first).code == 0


@pytest.mark.parametrize("product", [OFFICE, WINDOWS])
def test_f04_client_one_key_for_both_architectures(estate, product):
    """F04: one key serves the 32-bit and the 64-bit edition of a product."""
    key = estate.place.key(product, "mak", activations=2).text
    for arch in ("x86", "x64"):
        pc = estate.computer()
        assert estate.init(pc, product, "--arch", arch).code == 0
        assert pc.run("install-key", key).code == 0
        assert activate(estate, pc).product["state"] == "licensed"


def test_f22_client_refuses_a_host_key(estate):
    """F22: a host key on a computer that is no host is refused with `key_wrong_kind`, and nothing is stored."""
    pc = estate.computer(WINDOWS)
    before = pc.status()
    said = pc.run("install-key", estate.place.key(WINDOWS, "host").text)
    assert (said.code, said.error) == (1, "key_wrong_kind")
    assert (pc.status()["method"], pc.run("status", "--why").product["key"]) == (before["method"], None)


def test_f23_client_needs_no_contact_after_activation(estate, mak):
    """F23: a MAK activates each computer once; afterwards no contact is needed and there is no end."""
    pc = estate.computer(WINDOWS)
    pc.run("install-key", mak)
    assert activate(estate, pc).code == 0
    row = pc.status("+7000d")
    assert (row["state"], row["method"], row["expires"], row["days_left"]) == ("licensed", "mak", None, None)


def test_f24_client_activates_independently(estate, mak):
    """F24: each computer activates with a MAK by itself over the network, and the key runs out after its number."""
    results = []
    for _ in range(3):
        pc = estate.computer(WINDOWS)
        pc.run("install-key", mak)
        results.append(activate(estate, pc).error)
    assert results == [None, None, "mak_exhausted"]


def test_f35_client_grace_and_a_late_activation(estate, mak):
    """F35: grace is 30 days, an installed MAK leaves it running, and a late activation has no end."""
    pc = estate.computer(WINDOWS)
    assert pc.run("install-key", mak).code == 0
    for shift, state in (("+0d", "grace"), (f"+{GRACE_DAYS - 1}d", "grace"), (f"+{GRACE_DAYS + 1}d", "notification")):
        row = pc.status(shift)
        assert (row["state"], row["reason"], row["method"]) == (state, "not_activated", "mak")
    late = activate(estate, pc, shift=f"+{GRACE_DAYS + 1}d").product
    assert (late["state"], late["expires"]) == ("licensed", None)


def test_f36_client_notification_goes_on_working(estate):
    """F36: after its grace the product is in notification, where every command and the SDK go on working."""
    pc = estate.computer(WINDOWS)
    row = pc.status(f"+{GRACE_DAYS + 1}d")
    assert (row["state"], row["days_left"], row["action"]) == ("notification", 0, "warn")
    assert pc.run("run", "--once", shift=f"+{GRACE_DAYS + 1}d").code == 0
    assert sdk.check(WINDOWS, pin=estate.pin, home=pc.home).action is sdk.Action.ALLOW


def test_f37_client_turns_both_ways(estate, mak):
    """F37: a volume edition is a client of a host, a MAK turns it at any time, and `generic` turns it back."""
    pc = estate.computer(WINDOWS)
    assert pc.status()["method"] == "host"
    assert pc.run("activate", "--host", estate.host).product["method"] == "host"
    assert pc.run("install-key", mak).code == 0
    assert activate(estate, pc).product["method"] == "mak"
    assert pc.run("install-key", "generic").code == 0
    assert pc.status()["method"] == "host"
    assert pc.run("activate").product["method"] == "host"


def test_f37_client_is_a_mak_client_from_set_up(estate, mak):
    """F37: a MAK that is installed at set-up makes a MAK client of it, which asks no host."""
    pc = estate.computer(WINDOWS)
    pc.run("set-host", estate.host)
    pc.run("install-key", mak)
    assert (pc.status()["method"], pc.run("run", "--once").product["state"]) == ("mak", "grace")
    assert activate(estate, pc).product["method"] == "mak"


def test_f42_client_errors_lists_every_code(estate):
    """F42: `volact errors` lists every code with its title, cause, fix and HTTP status."""
    codes = volact("errors").data["codes"]
    assert [row["code"] for row in codes] == sorted(sdk.CODES)
    assert all(row["title"] and row["cause"] and row["fix"] and 400 <= row["status"] < 600 for row in codes)
    assert volact("errors", "mak_exhausted").data["codes"][0]["code"] == "mak_exhausted"
    assert volact("errors", "no_such_code").code == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("install-key", "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA"), "key_mistyped"),
        (("install-key", "AAAAA"), "key_mistyped"),
        (("activate", "--method", "mak"), "no_key"),
        (("activate",), "host_unreachable"),
        (("activate", "--host", "http://127.0.0.1:9"), "host_unreachable"),
        (("status", "--product", OFFICE), "home_missing"),
    ],
)
def test_f42_client_refusals_carry_code_cause_and_fix(estate, words, code):
    """F42: a refusal of the client carries its stable code, what happened, and the fix that the list has for it."""
    said = estate.computer(WINDOWS).run(*words)
    assert (said.code, said.error) == (1, code)
    assert said.data["error"]["fix"] == sdk.CODES[code].fix
    assert said.data["error"]["detail"]


@pytest.mark.parametrize("channel", ["retail", "oem"])
def test_f46_client_volume_methods_serve_volume_editions_only(estate, mak, channel):
    """F46: a retail or OEM installation takes neither a MAK nor a lease: `wrong_channel`, with the way out."""
    pc = estate.computer(WINDOWS, channel=channel)
    said = [pc.run("install-key", mak), pc.run("activate", "--host", estate.host), pc.run("install-key", "generic")]
    assert [(each.code, each.error) for each in said] == [(1, "wrong_channel")] * 3
    assert "install the volume edition" in said[0].data["error"]["detail"]
    assert pc.status()["state"] == "unlicensed"
