"""`volact fleet proxy export`: what is in a bundle, what is not, and what is left out."""

from __future__ import annotations

import base64
import getpass
import json
import os
import socket
from pathlib import Path

import pytest

from tests.support.bundles import PRODUCT, Site, codes, lines
from tests.support.commands import volact
from tests.support.service import Device, Place
from volact.credential.encoding import b64
from volact.protocol.bundles import read_row

NAMES = ("front-desk", "ines.alvarez", "10.20.30.40", "Werk2-Prüfstand")
ALLOWED = {"op", "aud", "via", "iat", "rid", "dev", "mv", "keyid", "proof", "product"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A publisher whose service does not run."""
    return Place.make(tmp_path_factory.mktemp("publisher") / "service")


@pytest.fixture
def site(place: Place, tmp_path: Path) -> Site:
    """A folder of requests whose names tell much."""
    made = Site.make(tmp_path, activations=10, place=place)
    for name in NAMES:
        made.add(name)
    return made


def test_f24_proxy_bundle_is_the_requests_and_not_one_byte_more(site: Site) -> None:
    """A bundle can be made again byte by byte of the publisher's id and the requests alone, by their digests."""
    site.export()
    rows = sorted(read_row(file.read_bytes())[0] for file in site.requests.iterdir())
    head, *body, seal = lines(site.bundle)
    assert head == b'{"bundle":1,"publisher":"acme.example"}\n'
    assert body == [row.line + b"\n" for row in rows]
    assert set(json.loads(seal)) == {"rows", "sha256"}


def test_f24_proxy_bundle_holds_no_name_address_or_key(site: Site) -> None:
    """No name of computer, user, folder or file, no address and no key is in a bundle, also not behind base64url."""
    site.export()
    data = site.bundle.read_bytes()
    rows = [json.loads(line) for line in lines(site.bundle)[1:-1]]
    opened = b"\n".join(_decoded(row[part]) for row in rows for part in ("protected", "payload"))
    key = site.key.text
    telling = {*NAMES, socket.gethostname(), getpass.getuser(), site.requests.name, str(site.folder), ".request", key}
    telling |= {key.replace("-", ""), *key.split("-"), b64(site.key.derived.proof_key), site.place.licensing_id}
    telling |= {site.key.derived.proof_key.hex(), "127.0.0.1", "Nordlys"}
    long = [text for text in telling if len(text) > 4]  # a shorter one is in random signs by chance
    assert [text for text in long if text.encode() in data + opened] == []
    assert {name for row in rows for name in json.loads(_decoded(row["payload"]))} == ALLOWED
    assert all(set(json.loads(_decoded(row["protected"]))) == {"alg", "jwk", "typ"} for row in rows)


def test_a_bundle_tells_nothing_of_order_and_time(site: Site) -> None:
    """The same requests under other names, written at other times, make the same bundle."""
    site.export()
    before = site.bundle.read_bytes()
    for number, file in enumerate(sorted(site.requests.iterdir(), reverse=True)):
        moved = file.rename(file.with_name(f"{number}.request"))
        os.utime(moved, (number, number))
    site.export()
    assert site.bundle.read_bytes() == before


def test_what_is_no_request_is_named_and_left_out(site: Site) -> None:
    """A file that is no request, was altered, or asks another publisher is named with its code; the others go."""
    good = (site.requests / "front-desk.request").read_bytes()
    put = {
        "empty": b"",
        "prose": b"Dear center, please activate my computer.",
        "edited": good.replace(b'"signature":"', b'"signature":"AA')[:-4] + b'"}',
        "huge": b" " * 70_000,
        "copy": good,
        "other": Device("other.example").activate(site.key, PRODUCT, via="file"),
    }
    for name, data in put.items():
        (site.requests / f"{name}.request").write_bytes(data)
    (site.requests / "folder.request").mkdir()
    (site.requests / "notes.txt").write_text("not asked")
    said = site.export()
    left_out = {row["row"]: row["code"] for row in said.data["rows"] if row["result"] == "left out"}
    malformed = dict.fromkeys(("empty", "prose", "edited", "huge"), "request_malformed")
    copied = ({"copy", "front-desk"} & set(left_out)).pop()
    assert left_out == malformed | {
        copied: "request_repeated",
        "other": "bundle_of_other_publisher",
        "folder": "not_permitted",
    }
    assert len(site.rows) == codes(said).count(None) == len(NAMES)


def test_nothing_to_export_is_said(site: Site, tmp_path: Path) -> None:
    """A folder without a request, and a folder that is none, are refused, and no bundle is written."""
    (tmp_path / "nothing").mkdir()
    for folder in (tmp_path / "nothing", tmp_path / "absent"):
        assert volact("fleet", "proxy", "export", folder, site.bundle).error == "usage"
    assert not site.bundle.exists()


def test_export_shows_people_what_to_do_next(site: Site) -> None:
    """Without --json an export says how many requests went into the bundle, what did not, and what comes next."""
    (site.requests / "prose.request").write_text("Dear center")
    said = volact("fleet", "proxy", "export", site.requests, site.bundle, json=False)
    assert said.code == 0
    assert "4 requests, in no order" in said.out
    assert "[request_malformed]" in said.out
    assert "proxy request" in said.out
    assert codes(site.export()).count(None) == 4


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
