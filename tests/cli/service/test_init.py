import sqlite3
import stat
from pathlib import Path

import pytest

from tests.cli.service.conftest import ROOT, Desk, volact
from tests.support.commands import Said
from volact.credential.publisher import Pin, read_publisher_file
from volact.protocol.trust import Trust

REFERENCE = ROOT / "catalogs" / "reference.toml"


def init(folder: Path, *options: object, catalog: Path = REFERENCE, publisher: str = "acme.example") -> Said:
    """Sets up a service."""
    return volact("init", folder, "--id", publisher, "--name", "Acme", "--catalog", catalog, *options)


def test_a_new_service_prints_pin_and_export(tmp_path: Path) -> None:
    """A new service prints its pin and where its root keys are, and warns while keys and passphrase lie there."""
    said = volact("init", tmp_path / "s", "--id", "acme.example", "--name", "Acme", "--catalog", REFERENCE)
    keys = tmp_path / "s" / "root-keys"
    assert said.code == 0
    assert Pin.parse(said.data["pin"]).root == 1
    assert (said.data["export"], said.data["passphrase_file"]) == (str(keys), str(keys / "passphrase.txt"))
    assert [warned["code"] for warned in said.data["warnings"]] == ["passphrase_beside_keys", "root_keys_online"]
    assert sorted(path.name for path in keys.iterdir()) == ["passphrase.txt", "root-1.pem", "root-2.pem"]
    assert (keys / "root-1.pem").read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")


def test_keys_kept_apart_need_no_warning(desk: Desk) -> None:
    """Root keys exported elsewhere under a passphrase of the operator's own leave nothing to warn of."""
    assert sorted(path.name for path in desk.keys.iterdir()) == ["root-1.pem", "root-2.pem"]
    assert sorted(path.name for path in desk.folder.iterdir()) == ["ledger.db", "seal.key", "vault"]


def test_nobody_else_can_read_the_folder(desk: Desk) -> None:
    """Folder, database, seal, vault and root keys are readable by their owner alone."""
    for path in (desk.folder, *desk.folder.rglob("*"), *desk.keys.iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_publisher_file_starts_products_and_hosts(desk: Desk, tmp_path: Path) -> None:
    """The publisher file is believed by its pin, and by the pin that was printed when the service was set up."""
    file = tmp_path / "acme.volact"
    said = desk.run("publisher-file", "DIR", file)
    assert said.data["pin"] == desk.pin
    trust = Trust.load(Pin.parse(said.data["pin"]), read_publisher_file(file.read_bytes()))
    assert (trust.publisher, trust.root.threshold) == ("acme.example", 1)
    assert desk.run("publisher-file", "DIR", tmp_path / "none" / "file").refused == "not_permitted"


def test_a_folder_in_use_is_left_as_it_is(desk: Desk) -> None:
    """A second init of a folder is already_initialized and changes nothing in it."""
    before = {path: path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()}
    assert init(desk.folder).refused == "already_initialized"
    assert {path: path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()} == before


def test_an_export_in_use_is_never_overwritten(desk: Desk, tmp_path: Path) -> None:
    """An init whose export folder holds something is already_initialized, and makes no service."""
    before = {path: path.read_bytes() for path in desk.keys.iterdir()}
    assert init(tmp_path / "other", "--export", desk.keys).refused == "already_initialized"
    assert {path: path.read_bytes() for path in desk.keys.iterdir()} == before
    assert not (tmp_path / "other").exists()


def test_an_empty_folder_is_as_good_as_none(tmp_path: Path) -> None:
    """A folder that exists and is empty, or holds what a killed init left, becomes a service."""
    folder = tmp_path / "service"
    (folder / ".init" / "vault").mkdir(parents=True)
    assert init(folder).code == 0
    assert volact("catalog", "show", folder).data["version"] == 1
    assert not (folder / ".init").exists()


@pytest.mark.parametrize(
    ("publisher", "text", "code"),
    [
        ("Acme.Example", None, 2),
        ("acme.example", "title = 1\n", 1),
        ("acme.example", "title = \n", 1),
    ],
)
def test_a_refused_init_leaves_nothing(tmp_path: Path, publisher: str, text: str | None, code: int) -> None:
    """An init that is refused, for its id or its catalog, leaves neither a folder nor root keys."""
    catalog = REFERENCE
    if text is not None:
        catalog = tmp_path / "catalog.toml"
        catalog.write_text(text)
    said = init(tmp_path / "new" / "service", catalog=catalog, publisher=publisher)
    assert said.code == code
    assert not (tmp_path / "new").exists()


def test_a_syntax_error_is_named_by_line(tmp_path: Path) -> None:
    """A catalog that is no TOML is catalog_invalid with its file and line."""
    catalog = tmp_path / "wrong.toml"
    catalog.write_text('title = "Acme"\npools = [\n')
    error = init(tmp_path / "service", catalog=catalog).data["error"]
    assert (error["code"], error["file"], error["line"]) == ("catalog_invalid", "wrong.toml", 2) or error["line"] == 3


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    """A verb on a folder without a service is not_initialized, and makes nothing there."""
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "none", tmp_path / "empty"):
        assert volact("organization", "add", folder, "Nordlys").refused == "not_initialized"
    assert list((tmp_path / "empty").iterdir()) == []
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("length", [0, 50, 4096, 60_000])
def test_a_truncated_database_is_named(desk: Desk, length: int) -> None:
    """A database that was cut short is state_damaged for every verb, and is not overwritten."""
    ledger = desk.folder / "ledger.db"
    ledger.write_bytes(ledger.read_bytes()[:length])
    said = desk.run("catalog", "show", "DIR")
    assert said.refused == "state_damaged"
    assert "ledger.db" in said.data["error"]["detail"]
    assert ledger.stat().st_size == length


@pytest.mark.parametrize("name", ["seal.key", "vault/product-keys.sealed", "ledger.db"])
def test_a_missing_part_is_named(desk: Desk, name: str) -> None:
    """A service that lost its seal, its vault's key or its database is state_damaged."""
    (desk.folder / name).unlink()
    assert desk.run("catalog", "show", "DIR").refused == "state_damaged"


def test_wrong_usage_ends_with_two(desk: Desk, tmp_path: Path) -> None:
    """A missing option, an unknown kind, a threshold or a catalog that cannot be are wrong usage: exit code 2."""
    assert volact("init", tmp_path / "x", "--id", "acme.example").code == 2
    assert init(tmp_path / "x", "--threshold", 3).code == 2
    assert init(tmp_path / "x", catalog=tmp_path / "none.toml").code == 2
    assert desk.run("key", "issue", "DIR", "--licensing-id", "L", "--product", "p", "--kind", "word").code == 2
    assert not (tmp_path / "x").exists()


def test_no_private_key_is_in_the_database(desk: Desk) -> None:
    """No table of the database has a column or a setting that could hold a private key."""
    ledger = sqlite3.connect(desk.folder / "ledger.db")
    names = {row[0] for row in ledger.execute("SELECT name FROM settings")}
    ledger.close()
    assert names <= {"publisher", "name", "url", "newest_signed", "clock_confirmed", "schema_floor"}
