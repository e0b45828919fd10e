"""What is printed on the sleeve of a product's media, and in the note beside a download, with the key (F03)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from volact.errors import Words, in_turn, say
from volact.service.usecases.granting import Media


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language by its code, and what puts words into it."""

    code: str
    told: Callable[[Words], str]


ENGLISH = Tongue("en", str)
LOSS = say("Write this key down and keep it safe: each installation asks for it.")
BEFORE = say("To install, in this folder:")
AFTER = (
    say("and type the key when asked. No network is needed and nothing is counted."),
    say("Whoever has the key can install the product: do not pass it on."),
)


def heading(media: Media) -> Words:
    """The product and its version."""
    name, version = media.product.name, media.product.version
    return in_turn(", ", name, say("version {version}", version=version) if version else "")


def given(media: Media) -> Words:
    """Which key it is, and under which agreement it was given."""
    return say("Key id {keyid}, given under {under}.", keyid=media.row.keyid, under=media.row.licensing_id)


def commands(media: Media) -> tuple[str, ...]:
    """How the product is installed."""
    channel = " --channel oem" if media.row.kind == "oem" else ""
    product = media.product.id
    return (
        f"volact client init --product {product} --publisher publisher.volact{channel}",
        f"volact client install-key - --grant {product}.grant",
    )


def sleeve(media: Media, *, download: bool, tongue: Tongue = ENGLISH) -> str:
    """The same as text."""
    told = tongue.told
    loss = [told(LOSS), ""] if download else []
    install = [f"    {command}" for command in commands(media)]
    head, under, before = told(heading(media)), told(given(media)), told(BEFORE)
    lines = [head, "", f"    {media.key}", "", *loss, under, "", before, "", *install, "", *map(told, AFTER)]
    return "\n".join(lines) + "\n"
