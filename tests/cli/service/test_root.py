import contextlib
import os
import pty
from pathlib import Path

import pytest

from tests.cli.service.conftest import PASSPHRASE, ROOT, Desk, set_up, volact
from tests.support.commands import VOLACT, Said
from volact.credential.publisher import Pin, read_publisher_file
from volact.protocol.trust import Trust

DEMO = ROOT / "catalogs" / "demo.toml"


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
    volact("init", folder, "--id", "acme.example", "--name", "Acme", "--catalog", DEMO)
    assert volact("root", "rotate", folder, "--keys", folder / "root-keys").data["version"] == 2


@pytest.mark.parametrize(("second", "code"), [(PASSPHRASE, 0), ("something else", 2)])
def test_a_passphrase_is_asked_for_twice_at_a_terminal(tmp_path: Path, second: str, code: int) -> None:
    """At a terminal the passphrase is asked for twice and not shown, and two that differ make nothing."""
    words = ["init", str(tmp_path / "s"), "--id", "acme.example", "--name", "Acme", "--catalog", str(DEMO)]
    said, ended = at_terminal([*words, "--export", str(tmp_path / "keys")], [PASSPHRASE, second])
    assert (ended, PASSPHRASE in said) == (code, False), said
    assert (tmp_path / "s").exists() == (code == 0)
    if code == 0:
        assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["root-1.pem", "root-2.pem"]
        said, ended = at_terminal(
            ["root", "rotate", str(tmp_path / "s"), "--keys", str(tmp_path / "keys")], [PASSPHRASE]
        )
        assert ended == 0, said


def at_terminal(words: list[str], answers: list[str]) -> tuple[str, int]:
    """Runs a command at a terminal of its own and answers its questions; gives what it showed, and its exit code."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(str(VOLACT), [str(VOLACT), "service", *words])
    said = ""
    waiting = list(answers)
    with contextlib.suppress(OSError):  # a terminal whose program has ended cannot be read
        while data := os.read(terminal, 4096):
            said += data.decode()
            if waiting and said.endswith(": "):
                os.write(terminal, f"{waiting.pop(0)}\n".encode())
    os.close(terminal)
    return said, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
