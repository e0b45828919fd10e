"""What reaches a terminal, and what reaches a program."""

import json

import pytest

from volact.cli.ui import Ui
from volact.errors import Refusal


def say(ui: Ui, text: str) -> None:
    """Says a text in every way that there is."""
    ui.line(text)
    ui.table(("column",), [(text,)])
    ui.talk(text)
    ui.warn(Refusal("internal", text))
    ui.refuse(Refusal("internal", text))


@pytest.mark.parametrize("text", ["\x1b[2J", "\x1b]0;title\x07", "\x9b2J", "\x7f", "\udcff", "\u202e"])
def test_words_of_others_steer_no_terminal(capsys: pytest.CaptureFixture[str], text: str) -> None:
    """What a host, a file or a path says is shown without the signs that would steer the terminal."""
    say(Ui(as_json=False), f"said {text}")
    shown = "".join(capsys.readouterr())
    assert (text[0] in shown, shown.count("said \ufffd")) == (False, 5)


def test_words_of_people_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Letters of every language, wide spaces and the product's own marks are shown as they are."""
    say(Ui(as_json=False), "Nordlys Energi ● für 6\u00a0hosts – 30 %")
    assert "".join(capsys.readouterr()).count("Nordlys Energi ● für 6\u00a0hosts – 30 %") == 5


def test_json_can_always_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    """A path that is not text in UTF-8 is escaped in JSON, which stays one object that can be read."""
    Ui(as_json=True).result({"home": "x\udcff"})
    written = capsys.readouterr().out
    assert (written.isascii(), json.loads(written)) == (True, {"home": "x\udcff"})
