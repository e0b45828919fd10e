"""The page on the telephone menu says what is so: figures, addresses, codes."""

from __future__ import annotations

import re
from pathlib import Path

from volact.errors.codes import CODES
from volact.licensing.catalog import Policy
from volact.service.telephone.calls import LIFETIME
from volact.service.telephone.provider import PREFIX, SIGNATURE
from volact.service.usecases.cases import KEPT_DAYS, MOST_OF_ONE, MOST_PENDING

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "telephone.md").read_text("utf-8")


def test_figures_of_the_page_are_those_of_the_program() -> None:
    """Limits, cases and times on the page are what the program has."""
    said = {name: int(figure.replace(",", "")) for name, figure in re.findall(r"`(telephone_\w+)` \(([\d,]+)\)", PAGE)}
    policy = Policy()
    assert said == {name: getattr(policy, name) for name in dir(policy) if name.startswith("telephone_per_")}
    assert f"At most {MOST_PENDING:,} cases wait, {MOST_OF_ONE} of one caller" in PAGE
    assert f"kept for {KEPT_DAYS} days" in PAGE
    assert (LIFETIME, "forgotten after an hour" in PAGE) == (3_600, True)


def test_names_on_the_page_are_those_of_the_program() -> None:
    """Addresses, the signature's header and every code on the page are the program's."""
    assert {f"{PREFIX}call", f"{PREFIX}end"} <= set(re.findall(r"example\.com(/telephone/\w+)", PAGE))
    assert f"`{SIGNATURE}`" in PAGE.lower()
    assert "call_unsigned" in CODES
