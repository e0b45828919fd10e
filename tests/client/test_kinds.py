"""Setup keys, preinstalled products, trials, client access keys and returned activations, as a user meets them."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import volact as sdk
from tests.support.commands import declare, volact
from tests.support.estate import Pc
from tests.support.service import Place

SERVER, WINDOWS, LICENSES = "sbs-2003-standard", "windows-7-professional", "sbs-2003-cal"
KEY = re.compile(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){4}")


@dataclass
class Shop:
    """A publisher of the reference catalog, whose service answers nobody unless a test runs it."""

    folder: Path
    place: Place
    file: Path
    pin: str
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def computer(self, product: str, channel: str = "volume") -> Pc:
        """A computer with one product."""
        name = f"pc-{next(self.numbers)}"
        pc = Pc(self.folder / name, declare(self.folder / f"{name}.identity", name))
        words = ("--product", product, "--publisher", str(self.file), "--channel", channel)
        assert pc.run("init", *words, "--identity", str(pc.identity)).code == 0
        return pc

    def media(self, product: str, *more: str) -> tuple[str, str]:
        """The key and the grant file of a product's media."""
        folder = self.folder / f"media-{next(self.numbers)}"
        words = ("--licensing-id", self.place.licensing_id, "--product", product, *more)
        assert volact("service", "media", str(self.place.folder), str(folder), *words).code == 0
        found = KEY.search((folder / "sleeve.txt").read_text("utf-8"))
        assert found
        return found[0], str(folder / f"{product}.grant")


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Shop:
    """A publisher whose service does not run."""
    folder = tmp_path_factory.mktemp("shop")
    place, file = Place.make(folder / "service", catalog="reference"), folder / "publisher.json"
    told = volact("service", "publisher-file", str(place.folder), str(file))
    return Shop(folder, place, file, told.data["pin"])


@pytest.fixture(scope="module")
def service(shop) -> Iterator[str]:
    """The URL of the same publisher's service, running."""
    with shop.place.running() as running:
        yield running.url


@pytest.fixture
def opened(shop) -> Pc:
    """A computer whose product was opened by the key on the sleeve of its media."""
    key, grant = shop.media(SERVER)
    pc = shop.computer(SERVER)
    assert pc.run("install-key", "-", "--grant", grant, text=key).code == 0
    return pc


def test_f02_client_setup_key_needs_no_network(shop, opened):
    """F02: with no service running, the key from the sleeve and the media's grant license the product for good."""
    row = opened.status("+4000d")
    assert (row["state"], row["method"], row["expires"], row["days_left"]) == ("licensed", "setup", None, None)
    for words in (("activate",), ("activate", "--method", "setup"), ("run", "--once")):
        assert opened.run(*words, env={"HTTP_PROXY": "http://127.0.0.1:9"}).product["state"] == "licensed"
    shown = opened.run("status", "--why").product
    assert (shown["key"]["kind"], shown["organization"]["name"], shown["tried"]) == ("setup", "Nordlys Energi", [])


def test_an_ordinary_user_can_check_it(shop, opened):
    """The function `check` reads what a setup key opened with nothing but reading, and no file of it is secret."""
    files = {path: path.read_bytes() for path in opened.home.rglob("*") if path.is_file()}
    secret = {path.name for path in files if path.stat().st_mode & 0o077 == 0}
    assert secret == {"home.lock"}
    script = f"import volact; print(volact.check({SERVER!r}, pin={shop.pin!r}, home={str(opened.home)!r}).method)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "setup"
    assert files == {path: path.read_bytes() for path in opened.home.rglob("*") if path.is_file()}


def test_the_sdk_and_the_command_agree_on_it(shop, opened):
    """The SDK and the command say the same of a product that a setup key opened."""
    status, row = sdk.check(SERVER, pin=shop.pin, home=opened.home), opened.status()
    assert (status.state, status.method, status.source) == (row["state"], row["method"], row["source"])


def test_without_the_grant_it_is_said_what_to_give(shop):
    """A setup key without its grant is `grant_required`; a status says what to do, and nothing is stored."""
    key, _ = shop.media(SERVER)
    pc = shop.computer(SERVER)
    assert pc.run("install-key", key).refused == "grant_required"
    assert pc.run("install-key", key, "--grant", "/nowhere").code == 2
    assert pc.run("install-key", key, "--grant", str(shop.file)).refused == "answer_untrusted"
    assert pc.status()["reason"] == "no_key"
    said = volact("client", "--home", str(pc.home), "status", json=False).out
    assert "--grant FILE" in said


def test_what_people_read_of_it(shop, opened):
    """A status in words says who it is licensed for, by which key, and that no network is needed."""
    said = volact("client", "--home", str(opened.home), "status", "--why", json=False).out
    assert "Licensed for Nordlys Energi by the setup key" in said
    assert "for good and without a network" in said


def test_f46_client_preinstalled_product_opens_without_a_network(shop):
    """F46: a preinstalled product takes its OEM key with the grant of its media, and a volume installation does not."""
    key, grant = shop.media(WINDOWS, "--oem")
    assert shop.computer(WINDOWS).run("install-key", key, "--grant", grant).refused == "wrong_channel"
    pc = shop.computer(WINDOWS, "oem")
    assert pc.run("install-key", key, "--grant", grant).code == 0
    assert (pc.status()["state"], pc.status()["method"]) == ("licensed", "oem")


def test_f42_client_blocked_setup_key_ends_in_notification(shop, service, opened):
    """F42: a setup key that is blocked and revoked goes to grace once the list is fetched, and then to notification."""
    named = shop.folder / "named.json"
    named.write_text(json.dumps(json.loads(shop.file.read_text("utf-8")) | {"service": service}), "utf-8")
    assert opened.run("init", "--product", SERVER, "--publisher", str(named)).code == 0
    keyid = opened.status()["source"]
    assert volact("service", "key", "block", str(shop.place.folder), keyid, "--revoke").code == 0
    assert opened.status()["state"] == "licensed"
    row = opened.run("run", "--once").product
    assert (row["state"], row["reason"]) == ("grace", "revoked")
    assert row["days_left"] in (29, 30)
    assert "another key" in volact("client", "--home", str(opened.home), "status", json=False).out
    assert opened.status("+31d")["state"] == "notification"
    assert opened.run("activate").refused == "key_blocked"


@pytest.mark.parametrize(("channel", "ended"), [("volume", "notification"), ("retail", "unlicensed")])
def test_f46_client_trial_ends(shop, service, channel, ended):
    """F46: a trial licenses for its days; then it is none, and asking again is `trial_ended`, whoever asks."""
    key = shop.place.key(WINDOWS, "trial", activations=1).text
    pc = shop.computer(WINDOWS, channel)
    assert pc.run("install-key", key).code == 0
    row = pc.run("activate", "--service", service).product
    assert (row["state"], row["method"], row["days_left"] in (29, 30)) == ("licensed", "trial", True)
    assert pc.run("activate", "--service", service).product["expires"] == row["expires"]
    assert pc.status("+31d")["state"] == ended
    assert pc.run("activate", "--service", service, shift="+31d").refused == "trial_ended"
    said = volact("client", "--home", str(pc.home), "status", json=False, shift="+31d").out
    assert "The trial ended on" in said
    assert "Buy a license" in said


def test_f40_client_client_access_key_activates_its_server(shop, service):
    """F40: the server that holds client access licenses activates their key over the network, as by a MAK."""
    key = shop.place.key(LICENSES, "cal", activations=1).text
    first, second = shop.computer(LICENSES), shop.computer(LICENSES)
    for pc in (first, second):
        assert pc.run("install-key", key).code == 0
    assert first.run("activate", "--service", service).product["method"] == "mak"
    assert second.run("activate", "--service", service).refused == "mak_exhausted"


def test_f25_client_returned_activation_and_the_key_again(shop, service):
    """F25: an activation that was given back goes to grace, and the key typed again takes a new one."""
    key = shop.place.key(WINDOWS, "mak", activations=2)
    pc = shop.computer(WINDOWS)
    pc.run("install-key", key.text)
    assert pc.run("activate", "--service", service).code == 0
    (shown,) = volact("service", "key", "show", str(shop.place.folder), key.keyid).data["activations"]
    words = (str(shop.place.folder), shown["activation_id"], "--reason", "sold")
    assert volact("service", "activation", "retire", *words).code == 0
    assert pc.run("run", "--once").product["reason"] == "revoked"
    assert pc.run("activate", "--service", service).refused == "no_key"
    assert pc.run("install-key", key.text).code == 0
    assert pc.run("activate", "--service", service).product["state"] == "licensed"
    assert shop.place.row(key).used == 2
