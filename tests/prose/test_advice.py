"""The page on advice: its examples are what the command prints, and it names every member there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from msgspec.structs import fields

from tests.cli.service.conftest import Desk, set_up
from tests.cli.service.conftest import passphrase as passphrase
from tests.support.commands import volact
from volact.licensing.advice import Advice, Answer, Excluded, HostAsked, Preinstalled, Question

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "advice.md").read_text("utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```\n\n```text\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, passphrase: Path) -> Desk:
    """A service that sells the reference catalog."""
    return set_up(tmp_path_factory.mktemp("advice"), passphrase)


@pytest.mark.parametrize(("question", "printed"), EXAMPLES, ids=[json.loads(each[0])["product"] for each in EXAMPLES])
def test_an_example_is_what_the_command_prints(desk: Desk, question: str, printed: str) -> None:
    """Each example of the page is answered word by word as it stands there."""
    said = volact("service", "advise", desk.folder, "--question", "-", json=False, text=question)
    assert (said.code, said.out) == (0, printed)


def test_the_page_has_its_examples() -> None:
    """The page has three examples with their output."""
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize("part", [Question, HostAsked, Preinstalled, Advice, Answer, Excluded])
def test_the_page_names_every_member(part: type) -> None:
    """The page names every member of a question and of an answer."""
    names = {field.encode_name for field in fields(part)} - {"mak_remaining"}
    assert [name for name in names if f"`{name}`" not in PAGE] == []
    assert "`remaining`" in PAGE
