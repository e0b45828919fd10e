"""The host's database file: opening, transactions, settings, keys, certificates. SQL stands in store*.py alone.

SQLite with WAL and synchronous=FULL: what a transaction wrote is on disk when it ends. A command may write beside a
running host; `generation` grows whenever something changed that a running host serves.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from volact.client.records import LogWatched
from volact.credential.publisher import Pin, PublisherFile, read_publisher_file, write_publisher_file
from volact.errors import Damaged, Malformed, StorageFull, VolactError
from volact.host.records import InstalledKey, Settings
from volact.host.state import Kept
from volact.protocol.trust import Trust

APPLICATION, VERSION = 0x566F4C48, 1
BUSY_SECONDS = 30
# Of each connection: what is answered is on the platter; a cache that holds a large host's indexes, and a log that is
# moved into the database every 32 MiB, took a third off the time of a batch against SQLite's 2 MiB and 4 MiB.
SETTINGS = ("PRAGMA synchronous = FULL", "PRAGMA cache_size = -32768", "PRAGMA wal_autocheckpoint = 8192")

SCHEMA = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE host_key (
    number INTEGER PRIMARY KEY, keyid TEXT NOT NULL UNIQUE, product_group TEXT NOT NULL, first_group TEXT NOT NULL,
    proof_key BLOB NOT NULL, installed INTEGER NOT NULL, cloned INTEGER);
CREATE TABLE pending (
    keyid TEXT NOT NULL, via TEXT NOT NULL, request BLOB NOT NULL, PRIMARY KEY (keyid, via)) WITHOUT ROWID;
CREATE TABLE certificate (
    number INTEGER PRIMARY KEY, jti TEXT NOT NULL UNIQUE, keyid TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE answer (
    number INTEGER PRIMARY KEY, jkt TEXT NOT NULL, rid TEXT NOT NULL, digest TEXT NOT NULL, payload TEXT NOT NULL,
    certificate TEXT NOT NULL, at INTEGER NOT NULL, UNIQUE (jkt, rid));
CREATE INDEX answer_at ON answer (at);
CREATE TABLE computer (
    dev TEXT PRIMARY KEY, jkt TEXT NOT NULL, hint TEXT NOT NULL, virtual INTEGER NOT NULL,
    came_back INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE former_key (dev TEXT NOT NULL, jkt TEXT NOT NULL, PRIMARY KEY (dev, jkt)) WITHOUT ROWID;
CREATE TABLE asked (
    dev TEXT NOT NULL, product TEXT NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
    lease_expires INTEGER, count_group TEXT, last_counted INTEGER, PRIMARY KEY (dev, product)) WITHOUT ROWID;
CREATE INDEX asked_counted ON asked (count_group, last_counted) WHERE last_counted IS NOT NULL;
CREATE TABLE tally (day INTEGER NOT NULL, what TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (day, what)
    ) WITHOUT ROWID;
"""

_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})
_READING = frozenset({sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ})


class Database:
    """One connection to the host's database, for one thread at a time."""

    def __init__(self, path: Path | str, connection: sqlite3.Connection) -> None:
        self.path = Path(path)
        self.connection = connection

    @classmethod
    def create(cls, path: Path) -> Database:
        """Makes the database where no file is, readable by its owner alone; FileExistsError where one is."""
        path.touch(mode=0o600, exist_ok=False)
        database = cls(path, _connect(path))
        with database.translated():
            _fill(database.connection)
        return database

    @classmethod
    def in_memory(cls) -> Database:
        """A database that nobody else sees and that is gone with the process."""
        database = cls(":memory:", _connect(":memory:"))
        _fill(database.connection)
        return database

    @classmethod
    def open(cls, path: Path, *, check: bool = False) -> Database:
        """Opens what `create` made; `check` reads all of it. Raises Damaged for a missing, cut or foreign file."""
        if not path.is_file() or path.stat().st_size < 512:
            raise Damaged(f"{path} is missing or cut short", file=str(path))
        database = cls(path, _connect(path))
        try:
            with database.translated():
                for setting in SETTINGS:
                    database.connection.execute(setting)
                database._check_form(whole=check)
        except BaseException:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Closes the connection."""
        self.connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction, alone from its first line on; undone by any exception."""
        with self.translated():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                self._undo()
                raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One transaction that sees a single state of the database; inside another one, that one."""
        if self.connection.in_transaction:
            yield
            return
        with self.translated():
            self.connection.execute("BEGIN")
            try:
                yield
            finally:
                self._undo()

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Raises what the database says as Damaged, StorageFull or `not_ready`."""
        try:
            yield
        except sqlite3.Error as err:
            raise self._named(err) from err

    def _undo(self) -> None:
        """Some failures have ended the transaction already."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def _check_form(self, *, whole: bool) -> None:
        application, version = (
            self.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
        )
        if (application, version) != (APPLICATION, VERSION):
            raise Damaged(f"{self.path} is no database of this program", file=str(self.path))
        if whole:
            found = self.connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise Damaged(f"{self.path} is damaged: {found}", file=str(self.path))

    def _named(self, err: sqlite3.Error) -> VolactError:
        code = getattr(err, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        if code & 0xFF in _DAMAGED or code in _READING:
            return Damaged(f"{self.path} is damaged: {err}", file=str(self.path))
        if code & 0xFF in _FULL:
            return StorageFull(f"{self.path} could not be written: {err}")
        if code & 0xFF == sqlite3.SQLITE_READONLY:
            return VolactError(f"{self.path} could not be written: {err}", code="home_not_writable")
        return VolactError(f"{self.path} cannot be used at the moment: {err}", code="not_ready")


class HostStore:
    """Settings, publisher documents, keys, requests and certificates of a host."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._sql = database.connection

    def generation(self) -> int:
        """A number that grows whenever something changed that a running host serves."""
        return int(self._setting("generation") or b"0")

    def settings(self) -> Settings:
        """What the host was made with; raises Damaged."""
        try:
            return msgspec.json.decode(self._setting("settings") or b"", type=Settings)
        except msgspec.DecodeError as err:
            raise Damaged(f"{self.database.path} holds no settings", file=str(self.database.path)) from err

    def keep_settings(self, settings: Settings) -> None:
        """Replaces the settings."""
        with self.database.writing():
            self._set("settings", msgspec.json.encode(settings))
            self._changed()

    def publisher_file(self) -> PublisherFile:
        """The publisher's documents on record, not believed yet; raises Damaged."""
        try:
            return read_publisher_file(self._setting("publisher") or b"")
        except Malformed as err:
            raise Damaged(f"{self.database.path} holds no publisher documents", file=str(self.database.path)) from err

    def keep_trust(self, trust: Trust) -> None:
        """Keeps what is newer in the publisher's documents; what another program has kept meanwhile is not set back."""
        with self.database.writing():
            known = Trust.load(Pin.parse(self.settings().pin), self.publisher_file())
            self._set("publisher", write_publisher_file(known.with_newer(trust).publisher_file(None)))
            self._changed()

    def host_keys(self) -> tuple[InstalledKey, ...]:
        """The installed host keys, in the order of their installation."""
        with self.database.translated():
            rows = self._sql.execute(
                "SELECT keyid, product_group, first_group, proof_key, installed, cloned FROM host_key ORDER BY number"
            ).fetchall()
        names = ("keyid", "product_group", "first_group", "proof_key", "installed", "cloned")
        return tuple(InstalledKey(**dict(zip(names, row, strict=True))) for row in rows)

    def add_key(self, key: InstalledKey) -> bool:
        """Keeps a key; False where it was installed before."""
        with self.database.writing():
            added = self._sql.execute(
                "INSERT INTO host_key (keyid, product_group, first_group, proof_key, installed) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (key.keyid, key.product_group, key.first_group, key.proof_key, key.installed),
            ).rowcount
            self._changed()
        return added == 1

    def mark_cloned(self, keyid: str, at: int | None) -> None:
        """Notes that a renewal of that key's certificate was refused with `clone_detected`, or that this is mended."""
        with self.database.writing():
            self._sql.execute("UPDATE host_key SET cloned = ? WHERE keyid = ?", (at, keyid))
            self._changed()

    def pending(self, keyid: str, via: str) -> bytes | None:
        """The request for a key that was made and not answered yet."""
        with self.database.translated():
            row = self._sql.execute("SELECT request FROM pending WHERE keyid = ? AND via = ?", (keyid, via)).fetchone()
        return None if row is None else bytes(row[0])

    def keep_pending(self, keyid: str, via: str, *, request: bytes | None) -> None:
        """Puts a request on disk before it is sent; None drops it."""
        with self.database.writing():
            self._sql.execute("DELETE FROM pending WHERE keyid = ? AND via = ?", (keyid, via))
            if request is not None:
                self._sql.execute("INSERT INTO pending VALUES (?, ?, ?)", (keyid, via, request))

    def certificates(self) -> tuple[Kept, ...]:
        """Every certificate that this host ever had, the oldest first: the id of its key, and its text."""
        with self.database.translated():
            rows = self._sql.execute("SELECT keyid, text FROM certificate ORDER BY number").fetchall()
        return tuple((keyid, text) for keyid, text in rows)

    def add_certificate(self, keyid: str, jti: str, *, text: str) -> None:
        """Keeps a believed certificate as the newest of its key, and drops the requests that it answers."""
        with self.database.writing():
            self._sql.execute(
                "INSERT INTO certificate (jti, keyid, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (jti, keyid, text)
            )
            self._sql.execute("DELETE FROM pending WHERE keyid = ?", (keyid,))
            self._sql.execute("UPDATE host_key SET cloned = NULL WHERE keyid = ?", (keyid,))
            self._changed()

    def begin(self, settings: Settings, trust: Trust) -> None:
        """Writes the first settings and documents."""
        with self.database.writing():
            self._set("settings", msgspec.json.encode(settings))
            self._set("publisher", write_publisher_file(trust.publisher_file(None)))
            self._changed()

    def log(self) -> LogWatched | None:
        """The checkpoints of the publisher's log that were seen, None where there are none or they are damaged."""
        data = self._setting("log")
        try:
            return None if data is None else msgspec.json.decode(data, type=LogWatched | None)
        except msgspec.DecodeError:
            return None

    def keep_log(self, record: LogWatched | None) -> None:
        """Keeps what was seen of the log; None starts anew."""
        with self.database.writing():
            self._set("log", msgspec.json.encode(record))
            self._changed()

    def _setting(self, name: str) -> bytes | None:
        with self.database.translated():
            row = self._sql.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def _set(self, name: str, value: bytes) -> None:
        self._sql.execute(
            "INSERT INTO setting VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value)
        )

    def _changed(self) -> None:
        self._set("generation", b"%d" % (self.generation() + 1))


def _connect(path: Path | str) -> sqlite3.Connection:
    return sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
    )


def _fill(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(SCHEMA)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
