"""Telephone codes: signing a confirmation and verifying it before it leaves; checking one from what was typed on."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from volact.credential.telephone.confirmation import (
    ConfirmationId,
    Header,
    Role,
    Subject,
    check_confirmation,
    confirm,
    read_confirmation_id,
)
from volact.credential.telephone.installation import make_installation_id
from volact.credential.telephone.keys import TelephoneKey, TelephoneSigner

CALLS = 200


def measure(_: Path) -> dict[str, Any]:
    """Milliseconds a call, the median of many, each for an installation of its own; and the slowest in a hundred."""
    signer = TelephoneSigner(os.urandom(32))
    subjects = [_subject() for _ in range(CALLS)]
    signed = {}

    def sign(subject: Subject) -> None:
        signed[subject] = " ".join(confirm(subject, Header(0), signer=signer, mask=os.urandom(48)).groups)

    def verify(subject: Subject) -> None:
        typed = read_confirmation_id(signed[subject])
        assert isinstance(typed, ConfirmationId)
        key = TelephoneKey.from_jwk(signer.public.jwk)
        assert check_confirmation(typed, subject, key=key, now=int(time.time())) is None

    return {**_figures("sign_ms", sign, subjects=subjects), **_figures("verify_ms", verify, subjects=subjects)}


def _subject() -> Subject:
    installation = make_installation_id(os.urandom(32), keyid="0123456789", dev="0123456789ABCDE")
    return Subject(Role.COMPUTER, 10, "acme.example", installation)


def _figures(name: str, call: Callable[[Subject], None], *, subjects: list[Subject]) -> dict[str, float]:
    times = []
    for subject in subjects:
        began = time.perf_counter()
        call(subject)
        times.append(1000 * (time.perf_counter() - began))
    return {name: round(statistics.median(times), 2), f"{name}_p99": round(sorted(times)[len(times) * 99 // 100], 2)}
