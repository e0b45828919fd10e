"""A service whose record lies in a PostgreSQL database: set up, refused, and found again by its folder."""

import stat
from pathlib import Path

import psycopg
import pytest
from postgres import Server

from tests.cli.service.conftest import ROOT, set_up, volact
from tests.support.commands import Said

SECRET = "s3cret-of-kari"


def init(folder: Path, url: str, **environment: str) -> Said:
    """Sets up a service whose record lies at that URL."""
    words = ("--id", "acme.example", "--name", "Acme", "--catalog", ROOT / "catalogs" / "demo.toml")
    return volact("init", folder, *words, "--database", url, **environment)


def tables(url: str) -> int:
    """How many tables a database has."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert row is not None
    return int(row[0])


def test_folder_holds_everything_but_the_record(tmp_path: Path, passphrase: Path, postgresql: Server) -> None:
    """The folder has the database's URL in the place of a database, readable by its owner alone."""
    url = postgresql.database()
    desk = set_up(tmp_path, passphrase, "--database", url)
    assert sorted(path.name for path in desk.folder.iterdir()) == ["database", "seal.key", "vault"]
    assert (desk.folder / "database").read_text() == f"{url}\n"
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in desk.folder.rglob("*"))


def test_database_that_is_taken_is_left_alone(tmp_path: Path, passphrase: Path, postgresql: Server) -> None:
    """A second service on one database is `already_initialized`, makes no folder, and the first one goes on."""
    url = postgresql.database()
    desk = set_up(tmp_path, passphrase, "--database", url)
    assert init(tmp_path / "other", url).refused == "already_initialized"
    assert not (tmp_path / "other").exists()
    assert desk.run("catalog", "show", "DIR").data["version"] == 1


def test_init_that_fails_leaves_an_empty_database(tmp_path: Path, postgresql: Server) -> None:
    """An `init` that is refused leaves the database empty, and what is mended works."""
    url = postgresql.database()
    words = ("--id", "acme.example", "--name", "A\x07cme", "--catalog", ROOT / "catalogs" / "demo.toml")
    assert volact("init", tmp_path / "s", *words, "--database", url).error == "usage"
    assert tables(url) == 0
    assert init(tmp_path / "s", url).code == 0


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"postgresql://kari:{SECRET}@127.0.0.1/volact", "PGPASSFILE"),
        (f"postgresql://kari@127.0.0.1/volact?password={SECRET}", "PGPASSFILE"),
        ("mysql://127.0.0.1/volact", "postgresql://USER@HOST:PORT/NAME"),
        ("postgresql://127.0.0.1", "names no database"),
    ],
)
def test_wrong_url_is_wrong_usage(tmp_path: Path, url: str, told: str) -> None:
    """A URL with a password, of another database or of none is wrong usage, and is not repeated."""
    said = init(tmp_path / "s", url)
    assert (said.code, said.error) == (2, "usage")
    assert told in said.data["error"]["detail"]
    assert SECRET not in said.out + said.err
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("text", ["", "\xff\xfe", f"postgresql://kari:{SECRET}@127.0.0.1/volact"])
def test_file_that_names_no_database_is_damaged(tmp_path: Path, text: str) -> None:
    """A folder whose file `database` names none, or holds a password, is `state_damaged`, in words without it."""
    (tmp_path / "vault").mkdir()
    (tmp_path / "database").write_text(text, "latin-1")
    said = volact("catalog", "show", tmp_path)
    assert said.refused == "state_damaged"
    assert str(tmp_path / "database") in said.data["error"]["detail"]
    assert SECRET not in said.out + said.err


def test_password_comes_from_its_file(tmp_path: Path, postgresql: Server) -> None:
    """The password of PGPASSFILE opens a database that asks for one; a wrong one is told and leaves nothing."""
    url = postgresql.database()
    name = url.rpartition("/")[2]
    with psycopg.connect(url, autocommit=True) as operator:
        operator.execute(f"CREATE ROLE kari LOGIN PASSWORD '{SECRET}'")  # type: ignore[arg-type]
        operator.execute(f"ALTER DATABASE {name} OWNER TO kari")  # type: ignore[arg-type]
    hba = postgresql.folder / "data" / "pg_hba.conf"
    before = hba.read_text()
    hba.write_text(f"host {name} kari 127.0.0.1/32 scram-sha-256\n{before}")
    with psycopg.connect(url, autocommit=True) as operator:
        operator.execute("SELECT pg_reload_conf()")
    as_kari = url.replace("postgres@", "kari@")
    passfile = tmp_path / "passfile"
    for password, code in ((f"{SECRET}x", 1), (SECRET, 0)):
        passfile.write_text(f"127.0.0.1:*:*:kari:{password}\n")
        passfile.chmod(0o600)
        said = init(tmp_path / "s", as_kari, PGPASSFILE=str(passfile))
        assert said.code == code, said
        assert said.error == ("not_ready" if code else None)
        assert (tmp_path / "s").exists() != bool(code)
    hba.write_text(before)


def test_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A server that does not answer is `not_ready`, with its database's name, and leaves nothing."""
    said = init(tmp_path / "s", "postgresql://kari@127.0.0.1:1/volact")
    assert said.refused == "not_ready"
    assert "volact" in said.data["error"]["detail"]
    assert not (tmp_path / "s").exists()
