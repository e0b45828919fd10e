"""The command line as real processes, and a service that was set up by it."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from postgres import Server

from tests.support import commands
from tests.support.commands import Said
from tests.support.databases import BOTH

ROOT = Path(__file__).resolve().parents[3]
PASSPHRASE = "correct horse battery staple"
OF_EVERY_POOL = ("windows-7-professional", "windows-server-2008-r2-standard", "office-2010")
EVERY_POOL = (
    *("--program", "select-plus", "--level", "A"),
    *(word for product in OF_EVERY_POOL for word in ("--licenses", f"{product}=1")),
)


def volact(*words: object, json: bool = True, **environment: str) -> Said:
    """Runs one command of the service."""
    return commands.volact("service", *words, json=json, env=environment)


@dataclass(frozen=True)
class Desk:
    """A service in a folder, with its root keys elsewhere."""

    folder: Path
    keys: Path
    passphrase: Path
    pin: str

    def run(self, *words: object, json: bool = True, **environment: str) -> Said:
        """Runs a verb on this folder: the words before it, `DIR`, the words after it."""
        placed = [self.folder if word == "DIR" else word for word in words]
        return volact(*placed, json=json, **environment)

    def customer(self, *options: object) -> str:
        """A new organization's new agreement; unless options say it, it bought something of every pool."""
        organization = self.run("organization", "add", "DIR", "Nordlys Energi").data["organization_id"]
        given = options or EVERY_POOL
        added = self.run("agreement", "add", "DIR", "--organization", organization, *given)
        assert added.code == 0, added
        return str(added.data["licensing_id"])

    def issue(self, licensing_id: str, product: str, kind: str, *options: object) -> Said:
        """Issues keys."""
        words = ("--licensing-id", licensing_id, "--product", product, "--kind", kind)
        return self.run("key", "issue", "DIR", *words, *options)


@pytest.fixture(scope="session")
def passphrase(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the passphrase of the root keys."""
    path = tmp_path_factory.mktemp("passphrase") / "passphrase"
    path.write_text(PASSPHRASE + "\n")
    return path


def set_up(place: Path, passphrase: Path, *options: object) -> Desk:
    """Sets up a service in a folder; options are those of `init`."""
    folder, keys = place / "service", place / "keys"
    said = volact(
        *("init", folder, "--id", "acme.example", "--name", "Acme"),
        *("--catalog", ROOT / "catalogs" / "reference.toml"),
        *("--export", keys, "--passphrase-file", passphrase),
        *options,
    )
    assert said.code == 0, said
    return Desk(folder, keys, passphrase, said.data["pin"])


@pytest.fixture(scope="session")
def first_desk(tmp_path_factory: pytest.TempPathFactory, passphrase: Path) -> Desk:
    """A service that was just set up and sells the reference catalog; tests work on copies of it."""
    return set_up(tmp_path_factory.mktemp("first"), passphrase)


@pytest.fixture(scope="session")
def first_on_server(tmp_path_factory: pytest.TempPathFactory, passphrase: Path, postgresql: Server) -> Desk:
    """The same with its record in a PostgreSQL database."""
    return set_up(tmp_path_factory.mktemp("first"), passphrase, "--database", postgresql.database())


@pytest.fixture
def desk(first_desk: Desk, tmp_path: Path) -> Desk:
    """A service of the test's own that sells the reference catalog."""
    return copied(first_desk, tmp_path)


@pytest.fixture(params=BOTH)
def any_desk(request: pytest.FixtureRequest, tmp_path: Path) -> Desk:
    """A service of the test's own, its record in a file, and in a PostgreSQL database."""
    if request.param == "sqlite":
        return copied(request.getfixturevalue("first_desk"), tmp_path)
    desk = copied(request.getfixturevalue("first_on_server"), tmp_path)
    server: Server = request.getfixturevalue("postgresql")
    url = desk.folder / "database"
    url.write_text(server.database(template=url.read_text().strip().rpartition("/")[2]))
    return desk


def copied(first_desk: Desk, tmp_path: Path) -> Desk:
    """A copy of a service's folder and of its root keys."""
    for name in ("service", "keys"):
        shutil.copytree(first_desk.folder.with_name(name), tmp_path / name)
    return replace(first_desk, folder=tmp_path / "service", keys=tmp_path / "keys")
