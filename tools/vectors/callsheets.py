"""Vectors of P-11: call sheets, the requests that they belong to, and the confirmations that are taken by them."""

import json
from typing import Any

import msgspec

from vectors import cast
from vectors.answers import ACTIVATE, ASK_LEASE
from vectors.cast import DEVICE, T0, root
from vectors.form import MALFORMED, File, Vector, code, value
from vectors.telephone import (
    INSTALLATION,
    INVALID,
    KEYS,
    MONTH,
    OTHER_INSTALLATION,
    OTHER_SIGNER,
    SIGNER,
    confirmed,
    subject,
)
from volact.credential.request import ActivateRequest, sign_request
from volact.credential.telephone.confirmation import Header
from volact.protocol.callsheets import CalledCenter, CallSheet, telephone_keys

replace = msgspec.structs.replace
CENTER = CalledCenter("NO", "+47 55 50 01 42", "Monday to Friday")
SHEET = CallSheet(
    publisher=cast.PUBLISHER,
    product="editor-1",
    group=10,
    installation=INSTALLATION.qr,
    keys=telephone_keys(root(2, KEYS)),
    center=CENTER,
)
ASKED: ActivateRequest = replace(ACTIVATE, keyid=INSTALLATION.keyid, dev=INSTALLATION.dev)
REQUEST = sign_request(ASKED, DEVICE).decode()
TEXT = msgspec.json.encode(SHEET).decode()


def _changed(**members: Any) -> str:
    return json.dumps({**json.loads(TEXT), **members})


def _without(name: str) -> str:
    return json.dumps({member: said for member, said in json.loads(TEXT).items() if member != name})


def _belonging() -> list[Vector]:
    cases: list[tuple[str, str, Any, Any]] = [
        ("belongs to its request", TEXT, ASKED, value(None)),
        ("without a center", _changed(center=None), ASKED, value(None)),
        ("of a lease", TEXT, ASK_LEASE, MALFORMED),
        ("of another publisher", TEXT, replace(ASKED, aud="other.example"), MALFORMED),
        ("of another product", TEXT, replace(ASKED, product="editor-2"), MALFORMED),
        ("of another key", TEXT, replace(ASKED, keyid=cast.keyid("other")), MALFORMED),
        ("of another computer", TEXT, replace(ASKED, dev=OTHER_INSTALLATION.dev), MALFORMED),
        ("of a later version", _changed(call=2), ASKED, MALFORMED),
        ("with another member", _changed(name="pc"), ASKED, MALFORMED),
        ("without an installation ID", _without("installation"), ASKED, MALFORMED),
        ("an installation ID in groups", _changed(installation=" ".join(INSTALLATION.groups)), ASKED, MALFORMED),
        ("an installation ID that is mistyped", _changed(installation=INSTALLATION.qr[::-1]), ASKED, MALFORMED),
        ("a group of 19 bits", _changed(group=1 << 18), ASKED, MALFORMED),
        ("a key in slot 16", _changed(keys=[{"slot": 16, "jwk": SIGNER.public.jwk}]), ASKED, MALFORMED),
        ("of more than 16 KiB", TEXT + " " * 16_384, ASKED, MALFORMED),
        ("no JSON", TEXT[:-1], ASKED, MALFORMED),
    ]
    return [
        Vector(name, "P-11.1", {"sheet": sheet, "request": sign_request(asked, DEVICE).decode()}, out)
        for name, sheet, asked, out in cases
    ]


def _heard() -> list[Vector]:
    own = subject()
    groups = list(confirmed(own).groups)
    wrong = [groups[0][:-1] + str((int(groups[0][-1]) + 1) % 10), *groups[1:]]
    cases: list[tuple[str, str, Any]] = [
        ("taken", " ".join(groups), value(None)),
        ("taken in keyboard form", "-".join(confirmed(own).keyboard), value(None)),
        ("taken by a compromised key, as P-8 does", confirmed(own, Header(4), signer=OTHER_SIGNER).qr, value(None)),
        ("a wrong digit", " ".join(wrong), code("confirmation_mistyped", groups=[1])),
        ("for another computer", confirmed(subject(installation=OTHER_INSTALLATION)).qr, INVALID),
        ("for another product group", confirmed(subject(group=11)).qr, INVALID),
        ("by another key", confirmed(own, signer=OTHER_SIGNER).qr, INVALID),
        ("from a slot without a key", confirmed(own, Header(5)).qr, INVALID),
        ("from a slot of a later version", confirmed(own, Header(6)).qr, INVALID),
        ("whose last month is over", confirmed(own, Header(3, MONTH - 1)).qr, INVALID),
    ]
    given = {"sheet": TEXT, "request": REQUEST, "now": T0}
    return [Vector(name, "P-11.2", {**given, "confirmation": text}, out) for name, text, out in cases]


FILES = (
    File(
        "call-sheets",
        "Call sheets: to which request each belongs, and which confirmation is taken by it.",
        (*_belonging(), *_heard()),
    ),
)
