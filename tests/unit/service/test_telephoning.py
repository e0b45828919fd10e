"""Confirming by telephone, on both databases: counted once together with activations online, recorded before signed."""

from __future__ import annotations

import pytest

from tests.support.service import read
from tests.unit.service.asking import activated, issued
from tests.unit.service.conftest import DAY, Office
from volact.credential.telephone.confirmation import Subject, check_confirmation
from volact.credential.telephone.installation import InstallationId, make_installation_id
from volact.credential.telephone.keys import TelephoneKey
from volact.errors import Refused
from volact.service.signing import current_root
from volact.service.usecases.keys import IssuedKey, known_key
from volact.service.usecases.roots import rotate
from volact.service.usecases.telephoning import Confirmed, confirm_installation


def installation(key: IssuedKey, number: int) -> InstallationId:
    """What a computer with that key reads out."""
    held = read(key.key, "acme.example")
    return make_installation_id(held.derived.proof_key, keyid=held.keyid, dev=f"{number:015}")


def confirmed(office: Office, key: IssuedKey, *, number: int) -> Confirmed:
    """What it is told."""
    return confirm_installation(office.service, installation(key, number).qr, act=office.act, channel="center")


def test_f25_telephone_and_online_share_one_allowance(office: Office) -> None:
    """Activations by telephone and online take from one number, and neither passes it."""
    key = issued(office, activations=4)
    for number in range(2):
        activated(office, key)
        confirmed(office, key, number=number)
    assert known_key(office.service, key.row.keyid).used == 4
    with pytest.raises(Refused) as caught:
        confirmed(office, key, number=9)
    assert caught.value.code == "mak_exhausted"
    assert confirmed(office, key, number=0).promised.repeated
    assert known_key(office.service, key.row.keyid).used == 4


def test_what_is_confirmed_again_after_its_key_was_compromised_is_on_record_first(office: Office) -> None:
    """The same installation ID is then confirmed by the next telephone key, takes nothing, and the record says which
    key signs it."""
    key = issued(office, activations=4)
    first = confirmed(office, key, number=1)
    (old,) = current_root(office.service).active("telephone")
    office.time.go(DAY)
    rotate(office.service, office.roots, compromised=(old.public.kid,), act=office.act)
    again = confirmed(office, key, number=1)
    (new,) = current_root(office.service).active("telephone")
    assert (again.promised.repeated, again.promised.header.slot) == (True, 1)
    subject: Subject = again.promised.subject
    now = office.service.clock.now()
    assert check_confirmation(again.confirmation, subject, key=TelephoneKey.from_jwk(new.jwk), now=now) is None
    assert first.confirmation != again.confirmation
    answers = office.service.ledger.execute("SELECT kid FROM answers WHERE typ = 'volact-confirmation'").fetchall()
    assert [row[0] for row in answers] == [new.public.kid]
    assert known_key(office.service, key.row.keyid).used == 1
