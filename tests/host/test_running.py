"""The running host: what it serves, what it survives, and how it says what is wrong."""

from __future__ import annotations

import itertools
import os
import resource
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.host.conftest import MakeHost
from tests.support.computer import Asker
from tests.support.hosts import code
from tests.support.publisher import DAY, Publisher
from volact.credential.publisher import read_publisher_file
from volact.protocol import messages
from volact.protocol.messages import Answer

S2008R2 = "windows-server-2008-r2-b"
SERVER, CLIENT = "windows-server-2008-r2-standard", "windows-7-professional"


def test_a_lease_is_believed(publisher: Publisher, make_host: MakeHost) -> None:
    """A lease that a host gives chains from the publisher's pin to the device key that asked."""
    with make_host(S2008R2).running() as host:
        host.fill(SERVER, 4)
        asker = Asker("pc-9")
        reply = host.ask(asker, SERVER)
        answer = messages.decode(Answer, reply.content)
        assert answer.certificate is not None
        lease, _ = publisher.trust.lease(answer.credential, answer.certificate)
        assert (lease.cnf.jkt, lease.dev, lease.exp - lease.iat) == (asker.signer.public.kid, asker.dev, 180 * DAY)


def test_documents(publisher: Publisher, make_host: MakeHost) -> None:
    """A host serves every root version, catalog, revocation list and its certificates, and nothing else."""
    with make_host(S2008R2).running() as host:
        assert host.get("/v1/root/1").content == publisher.document("/v1/root/1")
        assert host.get("/v1/catalog").content == publisher.document("/v1/catalog")
        assert host.get("/v1/revocations").content == publisher.document("/v1/revocations")
        (certificate,) = host.get("/v1/certificates").json()["certificates"]
        assert publisher.trust.certificate(certificate).group == S2008R2
        known = host.get("/.well-known/volact").json()
        assert (known["publisher"], known["program"]) == (publisher.id, "host")
        assert host.get("/readyz").json()["activated"] is True
        for path in ("/v1/root/0", "/v1/root/2", "/v1/root/01", "/v1/root/x", "/assets/../pages.py", "/nothing"):
            assert (code(host.get(path)), host.get(path).headers["content-type"]) == (
                "not_found", "application/problem+json",
            )  # fmt: skip


def test_commands_are_served_from_the_next_answer_on(publisher: Publisher, make_host: MakeHost) -> None:
    """What install-key, activate and update change is served by a running host from its next answer on."""
    place = make_host()
    with place.running() as host:
        assert code(host.ask("pc-0", SERVER)) == "host_not_activated"
        place.run("install-key", publisher.issue("host", S2008R2).text)
        place.run("activate")
        assert host.fill(SERVER, 5) == ["count_insufficient"] * 4 + [None]
        publisher.publish()
        place.run("update")
        assert host.get("/v1/catalog").content == publisher.document("/v1/catalog")
        assert host.ask("pc-5", SERVER).json()["versions"]["catalog"] == 2


def test_status_and_computers_beside_a_running_host(make_host: MakeHost) -> None:
    """Status, page and metrics tell one count, and the inventory names who it is made of."""
    place = make_host(S2008R2)
    with place.running() as host:
        host.fill(SERVER, 7)
        host.ask("pc-virtual", CLIENT, virtual=True)
        assert place.count() == 8
        assert 'volact_host_computers{count_group="windows"} 8.0' in host.get("/metrics").text
        assert 'volact_host_refused_total{code="count_insufficient"} 5.0' in host.get("/metrics").text
        assert 'class="figure">8<' in host.get("/").text
    rows = place.run("computers").data["computers"]
    assert len(rows) == 8
    assert {row["hint"] for row in rows} == {*(f"pc-{number}" for number in range(7)), "pc-virtual"}
    (virtual,) = [row for row in rows if row["virtual"]]
    assert (virtual["products"], virtual["lease_expires"]) == ([CLIENT], None)
    assert sum(row["lease_expires"] is not None for row in rows) == 3


def test_sigkill_under_load_loses_nothing(make_host: MakeHost) -> None:
    """After SIGKILL under load every answer that was given is on disk: count, leases, and the same bytes again."""
    place = make_host(S2008R2)
    host = place.start()
    answered: dict[bytes, httpx.Response] = {}
    numbers, stop = itertools.count(), threading.Event()

    def load() -> None:
        with httpx.Client() as client:
            while not stop.is_set():
                body = Asker(f"load-{next(numbers)}").ask(SERVER, int(time.time()))
                try:
                    answered[body] = client.post(f"{host.url}/v1/requests", content=body, timeout=10)
                except httpx.HTTPError:
                    return

    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(load) for _ in range(8)]
        while len(answered) < 150 and not all(each.done() for each in work):
            stop.wait(0.05)
        host.kill()
        stop.set()
    assert len(answered) >= 150
    assert place.count() >= len(answered)
    with place.running() as again:
        for body, before in list(answered.items())[::5]:
            if before.status_code == 200:
                assert again.post(body).content == before.content
    assert place.count() >= len(answered)


def test_a_full_disk_is_told_and_survived(make_host: MakeHost) -> None:
    """While the disk is full a request is answered 503 `storage_full` with Retry-After; afterwards all is as before."""
    place = make_host(S2008R2)
    with place.running() as host:
        host.fill(SERVER, 5)
        before = resource.prlimit(host.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(host.process.pid, resource.RLIMIT_FSIZE, (1, before[1]))
        refused = [host.ask("pc-9", SERVER) for _ in range(3)]
        assert {(each.status_code, code(each)) for each in refused} == {(503, "storage_full")}
        assert all(each.headers["retry-after"] for each in refused)
        assert host.get("/healthz").status_code == 200
        resource.prlimit(host.process.pid, resource.RLIMIT_FSIZE, before)
        assert code(host.ask("pc-9", SERVER)) is None
    assert place.count() == 6


@pytest.mark.parametrize("kept", [0, 100, 5_000])
def test_a_truncated_database(make_host: MakeHost, kept: int) -> None:
    """A database that was cut short is `state_damaged`, named, when the host starts and by every command."""
    place = make_host(S2008R2)
    os.truncate(place.folder / "host.db", kept)
    for verb in ("run", "status", "computers", "activate", "update"):
        said = place.run(verb)
        assert (said.code, said.error) == (1, "state_damaged"), verb
        assert "host.db" in said.data["error"]["detail"]


def test_a_port_that_is_taken(make_host: MakeHost) -> None:
    """A port that another program listens on is `port_in_use`."""
    place = make_host(S2008R2)
    with place.running() as host:
        assert place.run("run", "--bind", host.url.removeprefix("http://")).error == "port_in_use"


def test_an_end_in_time(make_host: MakeHost) -> None:
    """SIGTERM ends a host with exit code 0 within 20 seconds, connections that stay open included."""
    host = make_host(S2008R2).start()
    with httpx.Client() as client:
        client.get(f"{host.url}/healthz")
        began = time.monotonic()
        assert host.stop() == 0
    assert time.monotonic() - began < 20


def test_a_wall_clock_that_is_set(publisher: Publisher, make_host: MakeHost) -> None:
    """Counting and leases go by the wall clock: 31 days later the count is new, and so is what leases start from."""
    place = make_host(S2008R2)
    with place.running() as host:
        assert host.fill(SERVER, 5)[-1] is None
    later = int(time.time()) + 31 * DAY
    publisher.down = True
    with place.running(shift="+31d") as host:
        refused = host.ask("pc-1", SERVER, now=later)
        assert (code(refused), refused.json()["count"]) == ("count_insufficient", 1)
        off = host.ask("pc-2", SERVER)
        assert code(off) == "clock_out_of_range"
        assert abs(off.json()["server_time"] - later) < 120


def test_certificates_are_renewed_by_themselves(publisher: Publisher, make_host: MakeHost) -> None:
    """From two thirds of its certificate's life on a running host renews it, and fetches roots and revocations."""
    place = make_host(S2008R2)
    before = place.status()["certificates"]
    publisher.clock.now += 121 * DAY
    publisher.rotate()
    with place.running(shift="+121d") as host:
        _until(lambda: host.get("/v1/root/2").status_code == 200)
        _until(lambda: place.status()["certificates"] != before)
        assert host.get("/v1/catalog").content == publisher.document("/v1/catalog")


def test_leases_go_on_without_the_service(publisher: Publisher, make_host: MakeHost) -> None:
    """While the service is down a host gives leases, says that its certificate was not renewed, and goes on trying."""
    place = make_host(S2008R2)
    publisher.down = True
    later = int(time.time()) + 130 * DAY
    with place.running(shift="+130d") as host:
        assert [code(host.ask(f"pc-{n}", SERVER, now=later)) for n in range(5)][-1] is None
        _until(lambda: "volact_host_certificate_renewals_total{" in host.get("/metrics").text)
    assert "certificate not renewed" in place.folder.with_suffix(".log").read_text()


def test_a_new_device_key_answers_old_clients(publisher: Publisher, make_host: MakeHost, tmp_path: Path) -> None:
    """After `clone_detected` and a new device key, the same host gives leases under its new certificate."""
    place = make_host(S2008R2)
    with place.running() as host:
        host.fill(SERVER, 5)
        body = Asker("pc-9").ask(SERVER, int(time.time()))
        first = host.post(body).json()
        publisher.newest = dict.fromkeys(publisher.newest, "0" * 26)
        assert place.run("activate").error == "clone_detected"
        assert place.run("activate").code == 0
        assert host.post(body).json()["credential"] == first["credential"]
        second = host.ask("pc-9", SERVER).json()
        assert second["certificate"] != first["certificate"]
        trust = publisher.trust
        lease, certificate = trust.lease(second["credential"], second["certificate"])
        assert trust.lease_revoked_at(lease, second["certificate"]) is None
        assert certificate.cnf.public.kid != trust.certificate(first["certificate"]).cnf.public.kid


def test_a_publisher_file_for_clients_of_clients(publisher: Publisher, make_host: MakeHost) -> None:
    """What a host serves is enough to make a publisher file of: a client of a host never needs the publisher."""
    with make_host(S2008R2).running() as host:
        file = read_publisher_file(publisher.file())
        served = (host.get("/v1/root/1").text, host.get("/v1/catalog").text, host.get("/v1/revocations").text)
    assert served == (file.roots[0], file.catalog, file.revocations)


def _until(holds: object, seconds: float = 30) -> None:
    assert callable(holds)
    wait, end = threading.Event(), time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "did not happen in time"
        wait.wait(0.1)
