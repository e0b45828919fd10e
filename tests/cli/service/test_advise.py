"""`volact service advise`: a question by file or standard input, and its answer for programs and for people."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.service.conftest import Desk, set_up
from tests.support import commands
from tests.support.commands import Said


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, passphrase: Path) -> Desk:
    """A service that sells the reference catalog; asking changes nothing in it."""
    return set_up(tmp_path_factory.mktemp("advise"), passphrase)


def ask(desk: Desk, question: object, **options: Any) -> Said:
    """Asks a question, given as an object or as a text, on standard input."""
    text = question if isinstance(question, str) else json.dumps(question)
    return commands.volact("service", "advise", desk.folder, "--question", "-", text=text, **options)


def test_advice_for_a_program(desk: Desk, tmp_path: Path) -> None:
    """The answer holds the members of the contract, and a file is answered like standard input."""
    question = {
        "product": "windows-7-enterprise",
        "computers": 30,
        "host": {"platform": "windows-server-2008", "serves": ["office-2010"]},
        "mak": {"remaining": 10},
    }
    file = tmp_path / "question.json"
    file.write_text("\ufeff" + json.dumps(question), "utf-8")
    data = desk.run("advise", "DIR", "--question", file).data
    assert data == ask(desk, question).data
    (answer,) = data["answers"]
    assert answer.pop("reason").endswith("10 are left, so ask for 20 more.")
    assert answer == {
        "method": "mak",
        "key_kind": "mak",
        "product_group": "windows-7",
        "hosts": 0,
        "activations": 30,
        "rule": "F31",
        "ask_for": 20,
        "update": None,
    }
    (excluded,) = data["excluded"]
    assert excluded == {
        "method": "host",
        "key_kind": "host",
        "product_group": "windows-7",
        "code": "host_platform_unsupported",
        "reason": "Windows Server 2008 cannot be a host for Office 2010, although it can for Windows 7.",
        "rule": "F16",
    }
    assert data["ways_out"][1] == {
        "platform": "windows-server-2003-v1.1",
        "virtual": True,
        "update": "update-for-windows-7",
    }
    assert data["center"]["number"] == "+1 202 555 0142"
    assert (data["product"], data["media"], data["key_on_media"]) == ("windows-7-enterprise", "download", False)


def test_advice_for_people(desk: Desk) -> None:
    """A person reads what fits best first, then every way with its reason, and what may not be used with its code."""
    question = {"product": "windows-8-pro", "computers": 60, "domain": True, "others": {"windows": 1}}
    lines = ask(desk, question, json=False).out.splitlines()
    assert lines[0] == "Windows 8 Pro on 60 computers: directory, by a host key for Windows 8"
    assert "  1  directory, by a host key for Windows 8  [F31]" in lines
    assert "  2  host key for Windows 8, 2 hosts  [F31]" in lines
    assert "  3  multiple activation key for Windows 8, 60 activations  [F31]" in lines
    assert max(map(len, lines)) <= 80


def test_long_list_gives_reasons_for_the_first_four(desk: Desk) -> None:
    """Of many ways the first four are told with their reasons, and the others are listed below them."""
    question = {"product": "windows-7-professional", "computers": 60, "downgrade_to": "windows-vista-business"}
    lines = ask(desk, question, json=False).out.splitlines()
    fifth = lines.index("  5  host key for Windows 10, 2 hosts  [F38]")
    assert (lines[fifth - 1], lines[fifth + 1][:5]) == ("", "  6  ")
    assert len(ask(desk, question).data["answers"]) > 10


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ({"product": "sbs-2008-cal"}, "no key for Small Business Server 2008 client access licenses"),
        (
            {"product": "office-2010", "preinstalled": {"product": "office-2010"}},
            "the key that came with it for Office 2010",
        ),
        ({"product": "windows-vista-business", "downgrade_to": "office-2016"}, "no key may be used"),
    ],
)
def test_advice_without_a_key(desk: Desk, question: dict[str, object], first: str) -> None:
    """Where nothing is needed, something is there already or nothing may be used, the first line says so."""
    said = ask(desk, question | {"computers": 1}, json=False)
    assert said.code == 0
    assert " ".join(said.out.split()).partition(" on 1 computer: ")[2].startswith(first)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "line 1, column 1: this is not JSON"),
        ('{"product": "office-2010",\n "computers": 1,]', "line 2, column 17: this is not JSON"),
        ('{"product": "office-2010", "computers": 1, "computers": 9}', "computers: is there twice"),
        ('{"product": "office-2010", "computers": NaN}', "computers: must be an integer, but is a float"),
        ('{"product": "office-2010", "computers": ' + "9" * 5000 + "}", "beyond all bounds"),
        ("[" * 30_000, "beyond all bounds"),
        ('{"product": "office-2010", "computers": 1, "virtual": "yes"}', "virtual: must be true or false"),
        ('{"product": "\\ud800", "computers": 1}', "product: must be one line"),
        (" " * 70_000, "at most 64 KiB"),
        ('"office-2010"', "a question is a JSON object"),
    ],
)
def test_question_that_cannot_be_read(desk: Desk, text: str, detail: str) -> None:
    """A question that is not one is refused with what is wrong, and where."""
    said = ask(desk, text)
    assert said.refused == "question_invalid"
    assert detail in said.data["error"]["detail"]


def test_question_in_another_encoding_or_nowhere(desk: Desk, tmp_path: Path) -> None:
    """A file that is not UTF-8 is refused, and a file that is not there is wrong usage."""
    file = tmp_path / "question.json"
    file.write_bytes(b'{"product": "\xff"}')
    assert desk.run("advise", "DIR", "--question", file).refused == "question_invalid"
    assert desk.run("advise", "DIR", "--question", tmp_path / "missing.json").code == 2
    assert desk.run("advise", "DIR").code == 2


@pytest.mark.parametrize(
    ("members", "code", "nearest"),
    [
        ({"product": "office-2010x"}, "unknown_product", "office-2010"),
        ({"program": "open"}, "unknown_program", "open-value"),
        ({"program": "select-plus", "level": "E"}, "unknown_level", None),
        ({"host": {"platform": "windows-server-2008-r3"}}, "host_platform_unsupported", "windows-server-2008-r2"),
    ],
)
def test_question_about_what_is_not_sold(
    desk: Desk, members: dict[str, object], code: str, nearest: str | None
) -> None:
    """An id that the catalog does not have is refused by its code, with the nearest that it has."""
    said = ask(desk, {"product": "office-2010", "computers": 1} | members)
    assert said.refused == code
    if nearest:
        assert said.data["error"]["detail"].endswith(f'the nearest known name is "{nearest}"')


def test_asking_records_nothing(desk: Desk) -> None:
    """A question changes nothing in the service's record."""
    before = {path: path.read_bytes() for path in desk.folder.rglob("*.db")}
    assert ask(desk, {"product": "office-2010", "computers": 1}).code == 0
    assert {path: path.read_bytes() for path in desk.folder.rglob("*.db")} == before
