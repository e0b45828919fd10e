"""A publisher's accent: judged by its contrast in light, and its color in dark derived so that it holds there too."""

from __future__ import annotations

import re
from dataclasses import dataclass

LEAST = 5.2  # of text on every ground that it stands on (design: the look)
LIGHT = ("#fbfaf7", "#ffffff", "#eceef2")  # paper, card, idle: the style sheet's own
DARK = ("#14181f", "#1b212b", "#262d38")
WHITE, BLACK = "#ffffff", "#000000"
_COLOR = re.compile(r"#[0-9a-f]{6}")
_STEPS = 50


@dataclass(frozen=True, slots=True)
class Accent:
    """An accent and the text on it, in light and in dark."""

    light: str
    on_light: str
    dark: str
    on_dark: str

    @property
    def style(self) -> str:
        """The rule that puts it in the place of our own."""
        return (
            f":root {{ --accent: light-dark({self.light}, {self.dark});"
            f" --on-accent: light-dark({self.on_light}, {self.on_dark}); }}\n"
        )


def is_color(text: str) -> bool:
    """Whether a text is a color like #0b5d63, in lower case."""
    return _COLOR.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """How much two colors differ in lightness, from 1 to 21 (WCAG 2, relative luminance)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def least_contrast(color: str) -> float:
    """The lowest contrast that a color has in light: as text on its grounds, and under white text."""
    return min(contrast(color, ground) for ground in (*LIGHT, WHITE))


def accent_of(color: str) -> Accent | None:
    """The accent of a color, or None for one that is too light to be read."""
    if least_contrast(color) < LEAST:
        return None
    dark = _moved(color, WHITE, grounds=DARK)
    return Accent(color, WHITE, dark, _moved(color, BLACK, grounds=(dark,)))


def readable(color: str) -> str:
    """The color itself, or the nearest darker one of its tone that can be read in light."""
    return _moved(color, BLACK, grounds=(*LIGHT, WHITE))


def _moved(color: str, towards: str, *, grounds: tuple[str, ...]) -> str:
    """The first color on the way to black or white that has contrast enough with every ground."""
    found = color
    for step in range(_STEPS + 1):
        found = _mixed(color, towards, part=step / _STEPS)
        if min(contrast(found, ground) for ground in grounds) >= LEAST:
            break
    return found


def _mixed(one: str, other: str, *, part: float) -> str:
    parts = (round(a + (b - a) * part) for a, b in zip(_rgb(one), _rgb(other), strict=True))
    return "#" + "".join(f"{each:02x}" for each in parts)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(each / 255) for each in _rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    linear: float = part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
    return linear


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
