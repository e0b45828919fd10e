"""The telephone menu at the command line: set to a provider, shown, tried with the keyboard, removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.service.conftest import Desk
from tests.support.commands import volact
from tests.support.service import Place
from tests.support.telephone import installation
from volact.service.telephone.texts import SENTENCES

URL, TOKEN = "https://activate.acme.example", "a-token-of-some-length"


def test_a_provider_is_set_shown_and_removed(any_desk: Desk) -> None:
    """The operator sees what the provider has to be told; the token is on record sealed, and shown nowhere."""
    assert any_desk.run("telephone", "show", "DIR").data == {"url": None}
    words = ("service", "telephone", "set", any_desk.folder, "--url", f"{URL}/")
    said = volact(*words, "--person", "+4722000001", text=f"{TOKEN}\n")
    assert said.code == 0, said
    assert (said.data["call"], said.data["end"]) == (f"{URL}/telephone/call", f"{URL}/telephone/end")
    shown = any_desk.run("telephone", "show", "DIR")
    assert shown.data == said.data
    lines = any_desk.run("telephone", "show", "DIR", json=False).out
    assert f"{URL}/telephone/call" in lines
    assert "+4722000001" in lines
    every = any_desk.run("audit", "list", "DIR", json=False).out + shown.out + lines + said.out
    assert TOKEN not in every
    assert "telephone menu set" in every
    for path in any_desk.folder.rglob("ledger.db*"):
        assert TOKEN.encode() not in path.read_bytes()
    assert any_desk.run("telephone", "remove", "DIR").code == 0
    assert any_desk.run("telephone", "show", "DIR").data == {"url": None}
    assert any_desk.run("telephone", "remove", "DIR").data["error"]["code"] == "usage"


@pytest.mark.parametrize(
    ("url", "token", "person"),
    [
        ("http://activate.acme.example", TOKEN, ""),
        ("https://activate.acme.example/menu", TOKEN, ""),
        ("https://user@acme.example", TOKEN, ""),
        (URL, "short", ""),
        (URL, "a token with blanks in it", ""),
        (URL, TOKEN, "<Dial>"),
        (URL, TOKEN, "12"),
    ],
)
def test_what_cannot_be_a_provider_is_refused(desk: Desk, url: str, token: str, person: str) -> None:
    """An address that is not https and a host, a short token and no number are refused, and change nothing."""
    words = ("service", "telephone", "set", desk.folder, "--url", url, "--person", person)
    assert volact(*words, text=f"{token}\n").data["error"]["code"] == "usage"
    assert desk.run("telephone", "show", "DIR").data == {"url": None}


def test_f24_telephone_menu_is_tried_with_the_keyboard(tmp_path: Path) -> None:
    """At the keyboard the menu says what a caller would hear, confirms, and takes one activation."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=2)
    keys = ["2", *installation(key, 1).groups[:4], "1234567", *installation(key, 1).groups[4:], *["1"] * 20]
    said = volact("service", "telephone", "try", place.folder, text="\n".join(keys) + "\n")
    assert (said.code, said.data["outcome"]) == (0, "turn")
    for name in ("begin", "does_not_fit", "confirmed", "last", "end"):
        assert SENTENCES[name][1] in said.err.replace("\n", " ")
    assert place.row(key).used == 1
    half = volact("service", "telephone", "try", place.folder, text="1\n1234\n")
    assert half.code == 0
    with place.opened() as service:
        assert service.ledger.execute("SELECT count(*) FROM calls").fetchone()[0] == 0
