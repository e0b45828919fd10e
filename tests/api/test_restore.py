"""Backups of a running service, and what computers, hosts and old clients meet after a restore."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from postgres import Server

from tests.support.commands import VOLACT, Said, volact
from tests.support.hosts import HostPlace
from tests.support.pages import PASSWORD, Person, join, visitor
from tests.support.service import Device, Key, Place, Running
from volact.credential.claims import Activation
from volact.service.ledger import accountschema, given
from volact.service.ledger.connection import writing
from volact.service.roles import Role
from volact.service.usecases import catalogs

PRODUCT = "tracer-9"
Found = Callable[[Path], Place]


def back_up(place: Place, name: str = "backup") -> Path:
    """A backup made by the command."""
    file = place.folder.with_name(name)
    said = volact("service", "backup", place.folder, file)
    assert said.code == 0, said
    return file


def restore(place: Place, file: Path, *more: object) -> Said:
    """Restores by the command, in the place of what is there."""
    return volact("service", "restore", place.folder, file, "--replace", *more)


def activation(place: Place, running: Running, body: bytes) -> Activation:
    """What a computer is given."""
    reply = running.post(body)
    assert reply.status_code == 200, reply.text
    return place.trust.activation(reply.json()["credential"])


class Load:
    """Computers that ask until they are stopped; `waits` are the seconds of each answer."""

    def __init__(self, place: Place, key: Key, running: Running) -> None:
        self._place, self._key, self._running = place, key, running
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(3)]
        self.waits: list[float] = []
        self.refused: list[str] = []

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(30)

    def _ask(self) -> None:
        with httpx.Client(timeout=30) as client:
            while not self._over.is_set():
                begun = time.perf_counter()
                reply = self._running.post(Device(self._place.publisher).activate(self._key, PRODUCT), client=client)
                self.waits.append(time.perf_counter() - begun)
                if reply.status_code != 200:
                    self.refused.append(reply.text)


def grow(place: Place, size: int) -> None:
    """Adds so many bytes to the ledger, so that a copy of it takes its time."""
    filler = (
        "INSERT INTO answers (jkt, rid, digest, typ, kid, payload, about, at) VALUES (?, ?, 'x', 'x', 'x', ?, 'x', 1)"
    )
    with place.opened() as service, writing(service.ledger):
        service.ledger.executemany(
            filler, ((f"filler {number}", "x", os.urandom(4000)) for number in range(size // 4000))
        )


def test_backup_under_load_holds_nobody_up_and_is_consistent(
    found: Found, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """While computers activate, a backup is one state of the ledger, and its restored copy fits its log."""
    place = found(tmp_path / "service")
    key = place.key(PRODUCT, "mak", activations=100_000)
    grow(place, 64_000_000)
    with place.running() as running:
        with Load(place, key, running) as load:
            threading.Event().wait(1)
            before = len(load.waits)
            begun = time.perf_counter()
            file = back_up(place)
            took = time.perf_counter() - begun
            during = load.waits[before:]
        assert load.refused == []
    assert len(during) > 20
    print(f"{file.stat().st_size} bytes in {took:.2f} s; {len(during)} answers meanwhile, longest {max(during):.3f} s")
    assert max(during) < max(2.0, took / 2)
    copy = Place(tmp_path / "copy", place.publisher, place.licensing_id)
    copy.folder.mkdir()
    shutil.copytree(place.folder / "vault", copy.folder / "vault")
    shutil.copy(place.folder / "seal.key", copy.folder)
    more: tuple[object, ...] = ()
    if (place.folder / "database").exists():
        more = ("--database", request.getfixturevalue("postgresql").database())
    said = volact("service", "restore", copy.folder, file, *more)
    assert (said.code, said.data["missing"], said.data["kept"]) == (0, None, None)
    assert volact("service", "audit", "verify", copy.folder).data["fits"] is True
    with copy.opened() as service:
        counted = service.ledger.execute("SELECT count(*) FROM activations").fetchone()[0]
        audited = service.ledger.execute("SELECT count(*) FROM audit WHERE act = 'activated'").fetchone()[0]
    assert copy.row(key).used == counted == audited > 0


def test_what_the_record_lost_comes_back_and_counts_once(found: Found, tmp_path: Path) -> None:
    """Activations that the record lost are given and counted once for each device key, by old numbers or new."""
    place = found(tmp_path / "service")
    key = place.key(PRODUCT, "mak", activations=3)
    old, *later = [Device(place.publisher) for _ in range(4)]
    bodies = {device.jkt: device.activate(key, PRODUCT) for device in later}
    with place.running() as running:
        known = activation(place, running, first := old.activate(key, PRODUCT))
        file = back_up(place)
        credentials = {each.jkt: running.post(bodies[each.jkt]).json()["credential"] for each in later[:2]}
        assert running.post(bodies[later[2].jkt]).json()["code"] == "mak_exhausted"
    done = restore(place, file)
    assert done.code == 0, done
    assert place.row(key).used == 1
    with place.running() as running:
        assert activation(place, running, first) == known
        assert (
            activation(place, running, bodies[later[0].jkt]).jti
            != place.trust.activation(credentials[later[0].jkt]).jti
        )
        again = activation(place, running, later[0].activate(key, PRODUCT))
        assert activation(place, running, bodies[later[0].jkt]).jti == again.jti
        assert place.row(key).used == 2
        assert running.post(bodies[later[2].jkt]).status_code == 200
        refused = running.post(later[1].activate(key, PRODUCT)).json()
    assert refused["code"] == "mak_exhausted"  # it asks without what it holds, which goes on
    assert place.row(key).used == 3
    assert place.trust.revoked_at(Activation, credentials[later[1].jkt]) is None


def test_clients_take_the_documents_of_a_restored_service(found: Found, tmp_path: Path) -> None:
    """Whoever holds newer documents than the backup takes those of the restored service: its versions are higher."""
    place = found(tmp_path / "service")
    keys = [place.key(PRODUCT, "mak") for _ in range(3)]
    file = back_up(place)
    for key in keys:
        place.block(key, revoked=True)
    held = place.trust
    assert restore(place, file).code == 0
    with place.running() as running:
        catalog, revocations = (httpx.get(f"{running.url}/v1/{name}").text for name in ("catalog", "revocations"))
    newer = held.with_catalog(catalog).with_revocations(revocations)
    assert newer.versions.catalog > held.versions.catalog + 1000
    assert newer.versions.revocations > held.versions.revocations + 1000
    assert [held.lists_key(key.keyid) for key in keys] == [True] * 3
    assert [newer.lists_key(key.keyid) for key in keys] == [False] * 3  # blocks that the record lost are for people


@pytest.mark.parametrize("verb", ["activate", "update"])
@pytest.mark.parametrize("known", [True, False], ids=["slot-known", "slot-lost"])
def test_host_whose_certificate_was_lost_has_one_slot(found: Found, tmp_path: Path, known: bool, verb: str) -> None:
    """A host whose renewal, or whose slot, the record lost renews by its key's proof, and holds one slot under it."""
    place = found(tmp_path / "service")
    with place.opened() as service:
        data, _ = catalogs.publisher_file(service)
    (tmp_path / "publisher.volact").write_bytes(data)
    key = place.key("solver-server-9", "host", activations=2)
    with place.running() as running:
        more = ("--platform", "linux", "--service", running.url)
        host = HostPlace.make(tmp_path / "host", tmp_path / "publisher.volact", *more)
        assert host.run("install-key", "-", text=key.text).code == 0
        if known:
            assert host.run("activate").code == 0
        file = back_up(place)
        assert host.run("activate").code == 0
        bind = running.url.removeprefix("http://")
    assert restore(place, file).code == 0
    with place.running(bind=bind):
        assert host.run(verb).code == 0
        assert place.row(key).used == 1
        assert host.run("activate").code == 0
        told = host.run("update").data["warnings"]
    assert [each["code"] for each in told] == ["log_forked"]  # it holds a checkpoint of what was lost
    with place.opened() as service:
        slots = given.hosts_of(service.ledger, key.keyid)
    assert (len(slots), place.row(key).used) == (1, 1)


def test_restore_waits_for_nobody_and_nobody_opens_what_is_restored(found: Found, tmp_path: Path) -> None:
    """While a service has the folder open, restoring is refused and changes nothing."""
    place = found(tmp_path / "service")
    file = back_up(place)
    with place.running() as running:
        said = restore(place, file)
        assert said.refused == "folder_in_use"
        assert httpx.get(f"{running.url}/readyz").status_code == 200
    records = ["database"] if (place.folder / "database").exists() else ["accounts.db", "ledger.db"]
    assert sorted(path.name for path in place.folder.iterdir()) == [*records, "seal.key", "vault"]


def verified(place: Place) -> Said:
    """What verifying says, once a database has noticed that the one who had it alone is gone."""
    until = time.monotonic() + 20
    while (said := volact("service", "audit", "verify", place.folder)).error == "not_ready":
        assert time.monotonic() < until
    return said


def test_kill_at_any_moment_leaves_one_ledger_or_the_other(found: Found, tmp_path: Path) -> None:
    """A restore that is killed leaves the ledger that was there, or the restored one, and each of them is whole."""
    place = found(tmp_path / "service")
    key = place.key(PRODUCT, "mak", activations=10)
    grow(place, 8_000_000)
    with place.running() as running:
        kari = join(place, running, role=Role.PUBLISHER)
        file = back_up(place)
    place.customer("Contoso")
    on_server = (place.folder / "database").exists()
    for number in range(8):
        command = [VOLACT, "service", "restore", place.folder, file, "--replace", "--json"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        waited = time.perf_counter() + 5
        while number and not (place.folder / ".restore").exists() and process.poll() is None:
            assert time.perf_counter() < waited
        threading.Event().wait(number * (0.08 if on_server else 0.02))
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        said = verified(place)
        assert (said.code, said.data.get("fits")) == (0, True), said
    assert place.row(key).used == 0
    assert restore(place, file).code == 0
    assert not (place.folder / ".restore").exists()
    with place.opened() as service:
        assert not (on_server and accountschema.exists(service.ledger, accountschema.STAGED))
    with place.running() as running:
        assert is_taken(running, kari)


def is_taken(running: Running, person: Person) -> bool:
    """Whether somebody signs in by their password."""
    again = visitor(running)
    again.get("/account/login/")
    return again.post("/account/login/", login=person.email, password=PASSWORD).url.path != "/account/login/"


def test_restore_is_refused_while_another_machine_uses_the_database(postgresql: Server, tmp_path: Path) -> None:
    """A service with a copy of the folder, of which the folder knows nothing, keeps its ledger from being restored."""
    place = Place.make(tmp_path / "service", database=postgresql.database())
    file = back_up(place)
    shutil.copytree(place.folder, tmp_path / "copy")
    with Place(tmp_path / "copy", place.publisher).running() as elsewhere:
        assert restore(place, file).refused == "folder_in_use"
        assert httpx.get(f"{elsewhere.url}/readyz").status_code == 200
    assert restore(place, file).code == 0
