"""Making a host, and what its administrator brings to it: keys, and newer documents as a file."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from volact.client import files
from volact.client.installation import normal_url
from volact.client.logwatch import Watcher
from volact.client.machine import read_identity, recognize
from volact.credential.identity import vector_mark
from volact.credential.productkey import read_key
from volact.credential.proof import derive
from volact.credential.publisher import Pin, PublisherFile, read_publisher_file
from volact.credential.root import parse_root
from volact.errors import Damaged, Malformed, Refusal, Refused, Untrusted
from volact.host.config import Place
from volact.host.machine import check_machine, choose_platform, identify
from volact.host.ports import Clock, Random
from volact.host.records import InstalledKey, Settings
from volact.host.state import HostState, read_certificates
from volact.host.store import Database, HostStore
from volact.host.store_view import HostView
from volact.host.vault import HostVault
from volact.licensing.hosting import may_host
from volact.licensing.keys import check_host_key
from volact.protocol.trust import Older, Trust


def wall_clock() -> int:
    """Seconds since 1970 by this machine's clock."""
    return int(time.time())


@dataclass(frozen=True, slots=True)
class Wish:
    """What `host init` was told."""

    publisher: Path
    service: str | None = None
    platform: str | None = None
    virtual: bool = False
    identity: Path | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """An opened host: its store, its keys, and its seams to clock and randomness."""

    place: Place
    store: HostStore
    vault: HostVault
    clock: Clock = wall_clock
    random: Random = os.urandom

    @property
    def view(self) -> HostView:
        """What status and page read."""
        return HostView(self.store.database)

    @property
    def watcher(self) -> Watcher:
        """Who watches the publisher's log."""
        return Watcher(self.store.log, self.store.keep_log, self.clock)

    def state(self) -> HostState:
        """What may be served now, as it stands on disk; raises Damaged, Untrusted."""
        with self.store.database.reading():
            generation, settings = self.store.generation(), self.store.settings()
            file, certificates = self.store.publisher_file(), self.store.certificates()
            log = self.store.log()
        trust = Trust.load(Pin.parse(settings.pin), file)
        try:
            read = read_certificates(certificates, trust)
        except Malformed as err:
            where = str(self.store.database.path)
            raise Damaged(f"{where} holds a broken certificate", file=where) from err
        return HostState(settings, trust, read, generation, log.newest if log else None)

    def close(self) -> None:
        """Closes the database."""
        self.store.database.close()


@contextmanager
def opened(
    folder: Path, *, clock: Clock = wall_clock, random: Random = os.urandom, check: bool = True
) -> Iterator[Host]:
    """The host in a folder; raises Damaged where there is none, or its database was cut short."""
    host = open_host(folder, clock=clock, random=random, check=check)
    try:
        _come_home(host)
        yield host
    finally:
        host.close()


def _come_home(host: Host) -> None:
    """Where the machine of an earlier certificate is there again, its device key and certificate count as before.

    So an activation on other hardware that was refused has changed nothing once the hardware is back.
    """
    settings = host.store.settings()
    if check_machine(settings) is None:
        return
    machine = recognize(settings.identity, read_identity(settings.identity), publisher=settings.publisher)
    state = host.state()
    for each in state.certificates if machine else ():
        is_home = machine and each.newest and state.machine_of(each) == machine.dev
        if machine and is_home and host.vault.signer(each.jkt) is not None:
            machines = {**settings.machines, settings.jkt: settings.dev}
            here = structs.replace(settings, dev=machine.dev, mv=vector_mark(machine.vector), jkt=each.jkt)
            host.store.keep_settings(structs.replace(here, machines=machines))
            return


def open_host(folder: Path, *, clock: Clock = wall_clock, random: Random = os.urandom, check: bool = True) -> Host:
    """Opens the host in a folder for one thread at a time; raises Damaged."""
    place = Place(folder)
    if not folder.is_dir() or not (place.database.exists() or place.keys.exists()):
        raise Refused(Refusal("host_missing", f"{folder} holds no host"))
    database = Database.open(place.database, check=check)
    return Host(place, HostStore(database), HostVault(place.keys, random), clock, random)


def init(folder: Path, wish: Wish, *, random: Random = os.urandom) -> Settings:
    """Makes a host in a folder; a refusal leaves nothing behind. Raises Refused, Untrusted.

    The pin is made of the publisher file itself: a host believes at first use what its administrator hands it.
    """
    file = read_given_file(wish.publisher)
    trust = _believed(file)
    platform = choose_platform(trust.catalog, wish.platform)
    known = identify(trust.catalog, trust.publisher, declared=wish.identity, random=random)
    place = Place(folder)
    if place.database.exists() or place.keys.exists():
        raise Refused(Refusal("already_initialized", f"{folder} holds a host already"))
    with _made_or_gone(place):
        settings = Settings(
            pin=trust.pin.text,
            publisher=trust.publisher,
            platform=platform,
            virtual=wish.virtual or known.machine.virtual,
            identity=known.identity,
            dev=known.machine.dev,
            mv=vector_mark(known.machine.vector),
            jkt=HostVault(place.keys, random).make().public.kid,
            service=normal_url(wish.service) if wish.service else (file.service or "").rstrip("/") or None,
        )
        store = HostStore(Database.create(place.database))
        try:
            store.begin(settings, trust)
        finally:
            store.database.close()
    return settings


def install_key(host: Host, text: str) -> tuple[InstalledKey, bool]:
    """Installs a host key, and says whether it is new here; raises Refused. The key itself is not kept."""
    state = host.state()
    key = read_key(text, state.trust.publisher)
    if isinstance(key, Refusal):
        raise Refused(key)
    group = check_host_key(state.trust.catalog, key.kind.word, number=key.group)
    if isinstance(group, Refusal):
        raise Refused(group)
    version = state.trust.catalog_document.version
    refused = may_host(
        state.trust.catalog, version, platform=state.settings.platform, virtual=state.settings.virtual, group=group.id
    )
    if refused is not None:
        raise Refused(refused)
    derived = derive(key, state.trust.publisher)
    installed = InstalledKey(
        keyid=derived.keyid,
        product_group=group.id,
        first_group=key.first_group,
        proof_key=derived.proof_key,
        installed=host.clock(),
    )
    return installed, host.store.add_key(installed)


def update_from_file(host: Host, path: Path) -> Trust:
    """Brings what is newer in a publisher file; raises Untrusted and changes nothing where it is not believed.

    Where checkpoints of the publisher's log did not fit, watching it starts anew: an administrator has looked.
    """
    file, trust = read_given_file(path), host.state().trust
    if file.publisher != trust.publisher:
        raise Untrusted(f"the file is of {file.publisher}, not of {trust.publisher}", code="root_untrusted")
    newer = trust
    for text in file.roots:
        newer = newer.with_root(text.encode())
    with suppress(Older):
        newer = newer.with_catalog(file.catalog)
    with suppress(Older):
        newer = newer.with_revocations(file.revocations)
    if newer is not trust:
        host.store.keep_trust(newer)
    if host.watcher.fork() is not None:
        host.store.keep_log(None)
    return newer


def read_given_file(path: Path) -> PublisherFile:
    """The publisher file that an administrator names; raises Refused `usage` and Untrusted."""
    try:
        return read_publisher_file(read_bytes(path))
    except Malformed as err:
        raise Untrusted(f"{path}: {err.detail}", code="root_untrusted") from err


def read_bytes(path: Path) -> bytes:
    """The bytes of a file that an administrator names; raises Refused `usage` where it is missing."""
    data = files.read_raw(path)
    if data is None:
        raise Refused(Refusal("usage", f"there is no file {path}"))
    return data


def write_given_file(path: Path, data: bytes) -> None:
    """Writes a file where an administrator wants it; raises StorageFull, or `home_not_writable`."""
    with files.written(path.parent):
        path.write_bytes(data)


def _believed(file: PublisherFile) -> Trust:
    try:
        first = parse_root(file.roots[0].encode()) if file.roots else None
    except Malformed as err:
        raise Untrusted(f"the publisher file's root cannot be read: {err.detail}", code="root_untrusted") from err
    return Trust.load(Pin(first.hash if first else ""), file)


@contextmanager
def _made_or_gone(place: Place) -> Iterator[None]:
    """Removes what was made here if the making fails."""
    was_there = place.folder.exists()
    with files.written(place.folder):
        place.folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        shutil.rmtree(place.keys, ignore_errors=True)
        for name in ("host.db", "host.db-wal", "host.db-shm"):
            (place.folder / name).unlink(missing_ok=True)
        if not was_there:
            shutil.rmtree(place.folder, ignore_errors=True)
        raise
