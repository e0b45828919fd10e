from pathlib import Path

from tests.cli.service.conftest import Desk, Said, set_up, volact
from volact.credential.publisher import Pin, read_publisher_file
from volact.protocol.trust import Trust


def rotate(desk: Desk, *options: object) -> Said:
    """Rotates with the folder's own keys."""
    return desk.run("root", "rotate", "DIR", "--keys", desk.keys, "--passphrase-file", desk.passphrase, *options)


def test_a_rotation_is_reached_from_the_first_pin(desk: Desk, tmp_path: Path) -> None:
    """After a rotation the publisher file holds both root versions and is still believed by the first pin."""
    said = rotate(desk)
    assert said.data["version"] == 2
    desk.run("publisher-file", "DIR", tmp_path / "file")
    trust = Trust.load(Pin.parse(desk.pin), read_publisher_file((tmp_path / "file").read_bytes()))
    assert trust.versions.root == 2
    kids = {key.public.kid for key in trust.root.active("issuing")}
    assert kids == set(said.data["fresh"])


def test_a_compromised_key_is_marked(desk: Desk) -> None:
    """A key named as compromised is told as such, and one that nobody knows is refused."""
    kid = rotate(desk).data["fresh"][0]
    assert rotate(desk, "--compromised", kid).data["compromised"] == [kid]
    assert rotate(desk, "--compromised", "nobody").refused == "unknown_signing_key"


def test_a_wrong_passphrase_is_a_plain_refusal(desk: Desk, tmp_path: Path) -> None:
    """A wrong passphrase, or none, is passphrase_wrong, and the root stays as it is."""
    (tmp_path / "wrong").write_text("incorrect horse\n")
    wrong = desk.run("root", "rotate", "DIR", "--keys", desk.keys, "--passphrase-file", tmp_path / "wrong")
    assert wrong.refused == "passphrase_wrong"
    assert desk.run("root", "rotate", "DIR", "--keys", desk.keys).refused == "passphrase_wrong"
    assert rotate(desk).data["version"] == 2


def test_too_few_root_keys_are_named(passphrase: Path, tmp_path: Path) -> None:
    """With a threshold of two, one root key is root_threshold, and so is an empty folder; both together rotate."""
    desk = set_up(tmp_path, passphrase, "--threshold", 2)
    second = desk.keys / "root-2.pem"
    second.rename(tmp_path / "away.pem")
    assert rotate(desk).refused == "root_threshold"
    assert volact("root", "rotate", desk.folder, "--keys", tmp_path / "none").refused == "root_threshold"
    (tmp_path / "away.pem").rename(second)
    assert rotate(desk).data["version"] == 2


def test_another_publishers_keys_do_not_count(desk: Desk, tmp_path: Path) -> None:
    """Root keys of another service are root_threshold, not a way in."""
    other = set_up(tmp_path / "other", desk.passphrase)
    said = desk.run("root", "rotate", "DIR", "--keys", other.keys, "--passphrase-file", desk.passphrase)
    assert said.refused == "root_threshold"


def test_a_drawn_passphrase_opens_what_it_lies_beside(tmp_path: Path) -> None:
    """Where the passphrase still lies beside the keys, a rotation needs no other."""
    folder = tmp_path / "s"
    catalog = Path(__file__).resolve().parents[3] / "catalogs" / "demo.toml"
    volact("init", folder, "--id", "acme.example", "--name", "Acme", "--catalog", catalog)
    assert volact("root", "rotate", folder, "--keys", folder / "root-keys").data["version"] == 2
