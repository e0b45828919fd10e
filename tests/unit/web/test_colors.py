"""Which color a publisher's pages may take."""

from __future__ import annotations

import re

import pytest

from volact.web.colors import DARK, LEAST, LIGHT, accent_of, contrast, is_color, least_contrast, readable
from volact.web.pages import ASSETS


def test_contrast_is_that_of_wcag() -> None:
    """Black on white differs by 21, a color from itself by 1, and #767676 from white by the well-known 4.54."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#0b5d63", "#0b5d63") == pytest.approx(1)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("color", ["#0b5d63", "#1a4fd6", "#000000", "#7a1f1f", "#5b2a86"])
def test_an_accent_can_be_read_everywhere(color: str) -> None:
    """An accent that is taken has its contrast on every ground, in light and in dark, and so has the text on it."""
    accent = accent_of(color)
    assert accent is not None
    assert accent.light == color
    for one, others in ((accent.light, (*LIGHT, accent.on_light)), (accent.dark, (*DARK, accent.on_dark))):
        assert min(contrast(one, other) for other in others) >= LEAST
    assert f"light-dark({accent.light}, {accent.dark})" in accent.style


@pytest.mark.parametrize("color", ["#ffcc00", "#ffffff", "#00ff00", "#c2185b"])
def test_a_color_that_is_too_light_has_a_darker_one_beside_it(color: str) -> None:
    """A color that cannot be read is no accent, and the nearest darker one of its tone is."""
    assert least_contrast(color) < LEAST
    assert accent_of(color) is None
    assert accent_of(readable(color)) is not None
    assert readable(readable(color)) == readable(color)


@pytest.mark.parametrize("text", ["", "0b5d63", "#0B5D63", "#0b5d6", "#0b5d63;", "red", "#0b5d63\n"])
def test_a_text_that_is_no_color_is_none(text: str) -> None:
    """Only six hexadecimal digits in lower case behind a # are a color."""
    assert not is_color(text)


def test_grounds_are_those_of_the_style_sheet() -> None:
    """The grounds that an accent is judged on are the ones that the style sheet has."""
    styles = (ASSETS / "volact.css").read_text("utf-8")
    found = {name: pair for name, *pair in re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", styles)}
    assert tuple(found[name][0] for name in ("paper", "card", "on-idle")) == LIGHT
    assert tuple(found[name][1] for name in ("paper", "card", "on-idle")) == DARK
    assert accent_of(found["accent"][0]) is not None
