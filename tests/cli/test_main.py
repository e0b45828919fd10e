"""The command `volact` itself: exit codes, and what is said when something unforeseen happens."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

VOLACT = str(Path(sys.executable).parent / "volact")


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([VOLACT, *words], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("words", [(), ("service",), ("host",), ("client",), ("service", "key")])
def test_a_command_without_words_shows_its_help(words: tuple[str, ...]) -> None:
    """A command that needs more words shows its help on stderr and ends with exit code 2."""
    done = _run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Commands:" in done.stderr
    assert "--json" in done.stderr
    assert json.loads(_run(*words, "--json").stdout)["error"]["code"] == "usage"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_json_may_stand_anywhere(place: int) -> None:
    """One object is given for `--json` anywhere after `volact`, for a wrong usage too."""
    words = ["errors", "key_blocked"]
    words.insert(place, "--json")
    assert "key_blocked" in json.dumps(json.loads(_run(*words).stdout))
    assert json.loads(_run("errors", "--nope", "--json").stdout)["error"]["code"] == "usage"


def test_an_address_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    """An address with an open bracket, a port that is none, or a password is refused as wrong usage."""
    catalog = Path(__file__).resolve().parents[2] / "catalogs" / "demo.toml"
    service, publisher, home = (str(tmp_path / name) for name in ("service", "publisher", "home"))
    assert (
        _run("service", "init", service, "--id", "a.example", "--name", "A", "--catalog", str(catalog)).returncode == 0
    )
    assert _run("service", "publisher-file", service, publisher).returncode == 0
    assert _run("client", "--home", home, "init", "--product", "tracer-9", "--publisher", publisher).returncode == 0
    for url in ("http://[::1", "http://127.0.0.1:99999", "http://a:secret@b", "ftp://a", "nothing"):
        done = _run("client", "--home", home, "set-host", url, "--json")
        assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (2, "usage"), url
        assert "secret" not in done.stdout + done.stderr


def test_an_output_that_is_full_is_said_and_is_no_page_of_code() -> None:
    """A result that cannot be written ends with exit code 1 and one line on stderr, as an object too."""
    for words in (("errors",), ("errors", "--json")):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run([VOLACT, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 1
        assert "no room is left" in done.stderr
        assert "Traceback" not in done.stderr
