"""A request as a QR code: what a camera reads is the request file."""

from __future__ import annotations

from pathlib import Path

import zxingcpp
from PIL import Image

from tests.support.commands import declare, volact
from tests.support.service import Place

PIXELS = 6
SHADES = {" ": (255, 255), "▀": (0, 255), "▄": (255, 0), "█": (0, 0)}


def read(rows: list[str]) -> str:
    """What a camera reads from the terminal."""
    picture = Image.new("L", (len(rows[0]), 2 * len(rows)), 255)
    for y, row in enumerate(rows):
        for x, sign in enumerate(row):
            for below, shade in enumerate(SHADES[sign]):
                picture.putpixel((x, 2 * y + below), shade)
    found = zxingcpp.read_barcodes(picture.resize((PIXELS * picture.width, PIXELS * picture.height), Image.NEAREST))
    return str(found[0].text)


def test_a_request_is_drawn_as_it_is_written(tmp_path: Path) -> None:
    """The command `activate --request FILE --qr` draws a code of at most 109 columns that holds the file's bytes."""
    place, file = Place.make(tmp_path / "service"), tmp_path / "publisher.json"
    assert volact("service", "publisher-file", place.folder, file).code == 0
    client = ("client", "--home", tmp_path / "home")
    words = ("--product", "tracer-9", "--publisher", file, "--identity", declare(tmp_path / "me", "pc-1"))
    assert volact(*client, "init", *words).code == 0
    assert volact(*client, "install-key", "-", text=place.key("tracer-9", "mak", activations=1).text).code == 0
    said = volact(*client, "activate", "--request", tmp_path / "one.request", "--qr", json=False)
    assert said.code == 0, said
    rows = [line for line in said.out.splitlines() if set(line) <= set(SHADES)]
    assert len(rows[0]) <= 109
    assert read(rows) == (tmp_path / "one.request").read_text()
    assert volact(*client, "activate", "--qr").error == "usage"
