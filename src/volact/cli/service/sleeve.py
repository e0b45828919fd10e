"""The sleeve of a product's media as text, and the note with the key that lies beside a download (F03)."""

from __future__ import annotations

from volact.service.usecases.granting import Media

_LOSS = "Write this key down and keep it safe: each installation asks for it."


def sleeve(media: Media, *, download: bool) -> str:
    """What is printed: product, key, key id, and how to install with it."""
    product = media.product
    channel = " --channel oem" if media.row.kind == "oem" else ""
    version = f", version {product.version}" if product.version else ""
    lines = [
        f"{product.name}{version}",
        "",
        f"    {media.key}",
        "",
        *([_LOSS, ""] if download else []),
        f"Key id {media.row.keyid}, given under {media.row.licensing_id}.",
        "",
        "To install, in this folder:",
        "",
        f"    volact client init --product {product.id} --publisher publisher.volact{channel}",
        f"    volact client install-key - --grant {product.id}.grant",
        "",
        "and type the key when asked. No network is needed and nothing is counted.",
        "Whoever has the key can install the product: do not pass it on.",
    ]
    return "\n".join(lines) + "\n"
