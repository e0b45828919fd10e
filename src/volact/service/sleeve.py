"""What is printed on the sleeve of a product's media, and in the note beside a download, with the key (F03)."""

from __future__ import annotations

from volact.service.usecases.granting import Media

LOSS = "Write this key down and keep it safe: each installation asks for it."
BEFORE = "To install, in this folder:"
AFTER = (
    "and type the key when asked. No network is needed and nothing is counted.",
    "Whoever has the key can install the product: do not pass it on.",
)


def heading(media: Media) -> str:
    """The product and its version."""
    product = media.product
    return f"{product.name}, version {product.version}" if product.version else product.name


def given(media: Media) -> str:
    """Which key it is, and under which agreement it was given."""
    return f"Key id {media.row.keyid}, given under {media.row.licensing_id}."


def commands(media: Media) -> tuple[str, ...]:
    """How the product is installed."""
    channel = " --channel oem" if media.row.kind == "oem" else ""
    product = media.product.id
    return (
        f"volact client init --product {product} --publisher publisher.volact{channel}",
        f"volact client install-key - --grant {product}.grant",
    )


def sleeve(media: Media, *, download: bool) -> str:
    """The same as text."""
    loss = [LOSS, ""] if download else []
    install = [f"    {command}" for command in commands(media)]
    lines = [heading(media), "", f"    {media.key}", "", *loss, given(media), "", BEFORE, "", *install, "", *AFTER]
    return "\n".join(lines) + "\n"
