"""The client as a user runs it: real programs, real HTTP, and clocks moved by libfaketime."""

import contextlib
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import volact as sdk
from tests.support.commands import VOLACT, declare, volact

CLIENT, OTHER = "tracer-9", "mesher-9"


@pytest.fixture
def licensed(estate):
    """A computer that a host has licensed."""
    pc = estate.computer(CLIENT)
    assert pc.run("activate", "--host", estate.host).code == 0
    return pc


def test_every_member_of_a_status(estate, licensed):
    """The command `client status` says of each product its state, reason, method, days left, end, source and action."""
    row = licensed.status()
    assert set(row) == {"product", "state", "reason", "method", "days_left", "expires", "source", "action"}
    assert (row["state"], row["method"], row["reason"], row["action"]) == ("licensed", "host", None, "allow")
    assert row["source"] == estate.host
    assert row["days_left"] in (179, 180)


def test_the_sdk_and_the_command_agree(estate, licensed):
    """The SDK and the command say the same of a product."""
    status = sdk.check(CLIENT, pin=estate.pin, home=licensed.home)
    row = licensed.status()
    names = ("product", "state", "reason", "method", "source", "action")
    assert [getattr(status, name) for name in names] == [row[name] for name in names]


@pytest.mark.parametrize(
    ("shift", "state", "reason"),
    [("+179d", "licensed", None), ("+200d", "grace", "lease_expired"), ("+211d", "notification", "lease_expired")],
)
def test_a_clock_set_ahead_and_back(licensed, shift, state, reason):
    """A lease lapses by the computer's clock, into grace and then notification, and is whole when it is set back."""
    row = licensed.status(shift)
    assert (row["state"], row["reason"]) == (state, reason)
    assert licensed.status()["state"] == "licensed"


def test_a_clock_set_back_for_years(licensed):
    """A clock that was set back for years is taken for the newest time that the publisher signed."""
    assert licensed.status("-4000d")["state"] == "licensed"


def test_a_clock_five_hours_off(estate):
    """A computer whose clock is five hours off is licensed, with exit code 0 and a warning."""
    pc = estate.computer(CLIENT)
    said = pc.run("activate", "--host", estate.host, shift="+5h")
    assert (said.code, said.product["state"]) == (0, "licensed")
    assert [warning["code"] for warning in said.data["warnings"]] == ["clock_out_of_range"]


def test_the_agent_once_licenses_by_a_set_host(estate):
    """The command `client run --once` asks a set host at once, and ends with exit code 0."""
    pc = estate.computer(CLIENT)
    pc.run("set-host", estate.host)
    said = pc.run("run", "--once")
    assert (said.code, said.product["state"]) == (0, "licensed")


def test_a_refused_request_is_found_by_its_number(estate):
    """The number that `status --why` shows of a refused request is the one that the service has in its log."""
    key, pc = estate.place.key(CLIENT, "mak", activations=0), estate.computer(CLIENT)
    assert pc.run("install-key", "-", text=key.text).code == 0
    assert pc.run("activate", "--service", estate.service).refused == "mak_exhausted"
    (tried,) = pc.run("status", "--why").product["tried"]
    log = [json.loads(line) for line in estate.place.folder.with_suffix(".log").read_text().splitlines()]
    assert [line["code"] for line in log if line["rid"] == tried["rid"]] == ["mak_exhausted"]
    assert tried["rid"] in volact("client", "--home", pc.home, "status", "--why", json=False).out


def test_the_agent_once_without_a_host(estate):
    """The command `client run --once` ends with exit code 0 also where nobody answers."""
    pc = estate.computer(CLIENT)
    pc.run("set-host", "http://127.0.0.1:9")
    said = pc.run("run", "--once")
    assert (said.code, said.product["state"]) == (0, "grace")
    assert "host_unreachable" in {warning["code"] for warning in said.data["warnings"]}


@pytest.mark.parametrize("shifted", [False, True])
def test_the_agent_runs_until_sigterm(estate, shifted):
    """The agent licenses a computer with a set host and ends within seconds of SIGTERM, by a moved clock too."""
    pc = estate.computer(CLIENT)
    pc.run("set-host", estate.host)
    moved = {"FAKETIME": "+30m", "DONT_FAKE_MONOTONIC": "1"} if shifted else {}
    command = [VOLACT, "client", "--home", str(pc.home), "run"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, **moved}) as agent:
        wait_for(lambda: pc.status()["state"] == "licensed")
        start = time.monotonic()
        agent.send_signal(signal.SIGTERM)
        assert (agent.wait(20), time.monotonic() - start < 5) == (0, True)


def wait_for(holds):
    """Waits until something holds, for 20 seconds at most."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_two_products_in_one_home(estate):
    """One home holds several products: each has its license, and one that is removed is gone."""
    pc = estate.computer(CLIENT, OTHER)
    said = pc.run("activate", "--host", estate.host)
    assert [row["state"] for row in said.data["products"]] == ["licensed", "licensed"]
    assert pc.run("remove", "--product", OTHER).code == 0
    assert pc.status()["product"] == CLIENT


def test_a_key_from_standard_input(estate):
    """The command `install-key -` reads the key from standard input, so that no list of processes shows it."""
    pc = estate.computer(CLIENT)
    key = estate.place.key(CLIENT, "mak", activations=1)
    said = pc.run("install-key", "-", text=f"{key.text}\n")
    assert (said.code, said.data["keyid"], said.data["products"]) == (0, key.keyid, [CLIENT])
    assert pc.run("activate", "--service", estate.service).product["method"] == "mak"
    assert pc.run("activate").code == 0


def test_files_there_and_back(estate):
    """A request file that the service's command answers activates a computer without a network."""
    pc = estate.computer(CLIENT)
    pc.run("install-key", estate.place.key(CLIENT, "mak", activations=1).text)
    request, response = pc.home.with_suffix(".request"), pc.home.with_suffix(".response")
    assert pc.run("activate", "--request", str(request)).code == 0
    assert volact("service", "answer", str(estate.place.folder), str(request), "--out", str(response)).code == 0
    assert pc.run("activate", "--response", str(response)).product["state"] == "licensed"


def test_a_copied_home(estate, licensed):
    """A home on another computer is `hardware_changed`: in grace, and with exit code 1 for `activate`."""
    declare(licensed.identity, "somebody-else")
    row = licensed.status()
    assert (row["state"], row["reason"]) == ("grace", "hardware_changed")
    assert licensed.status("+10d")["days_left"] in (19, 20)
    assert licensed.status("+31d")["state"] == "notification"
    said = licensed.run("activate")
    assert (said.code, said.error) == (1, "hardware_changed")
    assert licensed.run("install-key", "generic").error == "hardware_changed"


def test_a_license_copied_in(estate, licensed):
    """Another computer's files, copied in beside one's own secrets, license nobody."""
    thief = estate.computer(CLIENT)
    thief.run("activate", "--host", estate.host)
    shutil.copytree(licensed.home, thief.home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.key", "identity"))
    assert thief.status()["reason"] == "hardware_changed"


def test_files_and_rights(licensed):
    """Device key and lock are 0600, everything else 0644: a product that an ordinary user runs can check."""
    modes = {path.name: path.stat().st_mode & 0o777 for path in licensed.home.rglob("*") if path.is_file()}
    assert (modes.pop("device.key"), modes.pop("home.lock")) == (0o600, 0o600)
    assert set(modes.values()) == {0o644}


def test_an_ordinary_user_can_check(estate, licensed, tmp_path):
    """The function `check` reads a home that its user may not write, and writes nothing."""
    before = {path: path.read_bytes() for path in licensed.home.rglob("*") if path.is_file()}
    script = f"import volact; print(volact.check({CLIENT!r}, pin={estate.pin!r}, home={str(licensed.home)!r}).state)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == "licensed"
    assert {path: path.read_bytes() for path in licensed.home.rglob("*") if path.is_file()} == before


def test_another_pin(estate, licensed):
    """Under another pin than the publisher's own nothing of a home is believed."""
    foreign = estate.pin.replace(estate.pin.split(".")[1], "A" * 43)
    assert sdk.check(CLIENT, pin=foreign, home=licensed.home).reason == "root_untrusted"


def test_a_refused_init_leaves_the_home_usable(estate, licensed):
    """A publisher file that the recorded pin does not reach is refused, and the license stays."""
    spoiled = licensed.home.with_suffix(".publisher")
    document = json.loads(estate.publisher_file.read_text("utf-8"))
    document["roots"][0] = document["roots"][0].replace("A", "B", 1)
    spoiled.write_text(json.dumps(document), "utf-8")
    said = licensed.run("init", "--product", OTHER, "--publisher", str(spoiled))
    assert (said.code, said.error) == (1, "root_untrusted")
    assert licensed.status()["state"] == "licensed"


def test_the_last_product_removed(estate, licensed):
    """A home whose last product was removed has no products, which is no fault."""
    licensed.run("remove", "--product", CLIENT)
    assert licensed.run("status").data == {"products": []}


def test_many_commands_at_once(estate):
    """Commands that run at once in one home wait for one another, and take one activation."""
    pc, key = estate.computer(CLIENT), estate.place.key(CLIENT, "mak", activations=2)
    pc.run("install-key", key.text)
    command = [VOLACT, "client", "--home", str(pc.home), "activate", "--service", estate.service, "--json"]
    started = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(4)]
    assert [process.wait(60) for process in started] == [0] * 4
    assert estate.place.row(key).used == 1


def test_a_full_disk(estate, tmp_path):
    """A full disk is `storage_full`: nothing half written, and the same command goes on when there is space."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk], check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        pc = estate.computer()
        pc.home = disk / "home"
        assert estate.init(pc, CLIENT).code == 0
        with (disk / "ballast").open("wb") as ballast, contextlib.suppress(OSError):
            ballast.write(bytes(1 << 20))
        said = pc.run("activate", "--host", estate.host)
        assert (said.code, said.error) == (1, "storage_full")
        assert pc.status()["state"] == "grace"
        (disk / "ballast").unlink()
        assert pc.run("activate", "--host", estate.host).code == 0
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("words", [("init",), ("activate", "--method", "nonsense"), ("set-host", "nonsense"), ("fly",)])
def test_wrong_usage(estate, words):
    """Wrong usage ends with exit code 2."""
    assert estate.computer(CLIENT).run(*words).code == 2


@pytest.mark.parametrize("words", [("status",), ("activate",), ("run", "--once"), ("install-key", "generic")])
def test_an_empty_home(tmp_path, words):
    """A folder without a home is refused with `home_missing`, and stays as it is."""
    said = volact("client", "--home", str(tmp_path / "none"), *words)
    assert (said.code, said.error, (tmp_path / "none").exists()) == (1, "home_missing", False)


class Garbage(BaseHTTPRequestHandler):
    """Somebody who answers anything."""

    replies = ((200, b"\x00\xff garbage"), (302, b""), (200, b"x" * 200_000), (500, b"{}"))
    turn = 0

    def do_POST(self):
        """Answers the next thing."""
        status, body = self.replies[Garbage.turn % len(self.replies)]
        Garbage.turn += 1
        self.send_response(status)
        self.send_header("location", "http://127.0.0.1:9/elsewhere")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        """Says nothing."""


def test_a_host_that_answers_anything(estate, licensed):
    """Garbage, a redirect, an endless answer or an error page is `answer_untrusted`, and the license stays."""
    with HTTPServer(("127.0.0.1", 0), Garbage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        found = {licensed.run("activate", "--host", url).error for _ in Garbage.replies}
        server.shutdown()
    assert found == {"answer_untrusted"}
    assert licensed.status()["state"] == "licensed"
    assert licensed.run("activate").code == 0


def test_a_proxy_from_the_environment(estate):
    """HTTP_PROXY and NO_PROXY are honored: a dead proxy is in the way, and an exception leads around it."""
    pc = estate.computer(CLIENT)
    proxy = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "no_proxy": "", "NO_PROXY": ""}
    assert pc.run("activate", "--host", estate.host, env=proxy).error == "host_unreachable"
    around = proxy | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    assert pc.run("activate", "--host", estate.host, env=around).code == 0


def test_a_private_ca_from_the_environment(estate, tmp_path):
    """A service behind a private CA is reached with SSL_CERT_FILE, and not without it."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(key), "-out", str(cert), "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*command, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True, timeout=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    pc = estate.computer(CLIENT)
    with HTTPServer(("127.0.0.1", 0), Garbage) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://127.0.0.1:{server.server_port}"
        without = pc.run("activate", "--host", url).error
        trusted = pc.run("activate", "--host", url, env={"SSL_CERT_FILE": str(cert)}).error
        server.shutdown()
    assert (without, trusted) == ("host_unreachable", "answer_untrusted")


def test_doctor_finds_no_fault(estate, licensed):
    """The command `doctor` finds no fault with a whole home and a host that answers for its publisher."""
    said = volact("doctor", "--home", str(licensed.home), "--host", estate.host)
    assert (said.code, said.data["passed"][-1]["check"]) == (0, "activation host")


def test_doctor_names_one_fault(estate, licensed):
    """The command `doctor` names the first fault it finds, with its code and fix."""
    (licensed.home / "device.key").chmod(0o644)
    assert volact("doctor", "--home", str(licensed.home)).error == "secret_exposed"
    (licensed.home / "device.key").chmod(0o600)
    assert volact("doctor", "--home", str(licensed.home), "--host", "http://127.0.0.1:9").error == "host_unreachable"
    (licensed.home / "catalog").write_bytes(b"")
    assert volact("doctor", "--home", str(licensed.home)).error == "state_damaged"
