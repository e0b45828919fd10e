"""Hosts by the telephone menu, on both databases: confirmed as computers are, within the limits, renewed uncounted."""

from __future__ import annotations

import msgspec
import pytest

from tests.support.service import read
from tests.unit.service.asking import issued
from tests.unit.service.conftest import Office
from tests.unit.service.test_telephone_calls import Call
from volact.credential.telephone.installation import InstallationId, make_installation_id, named_dev
from volact.licensing.catalog import Catalog
from volact.service.telephone.texts import SENTENCES
from volact.service.usecases.catalogs import publish
from volact.service.usecases.keys import IssuedKey, known_key

SAID = {name: texts[0] for name, texts in SENTENCES.items()}


def installation(key: IssuedKey, name: str) -> InstallationId:
    """What a host reads out."""
    held = read(key.key, "acme.example")
    return make_installation_id(held.derived.proof_key, keyid=held.keyid, dev=named_dev(name))


@pytest.fixture
def key(office: Office) -> IssuedKey:
    """A host key of six hosts."""
    return issued(office, kind="host")


def test_f24_telephone_menu_confirms_hosts_up_to_the_keys_number(office: Office, key: IssuedKey) -> None:
    """The menu confirms as many hosts as the key allows, each again uncounted, and says of one more that all are set
    up."""
    for number in range(6):
        assert Call(office.service, f"{number}").type(installation(key, f"{number}")).startswith(SAID["confirmed"])
    assert SAID["repeated"] in Call(office.service, "again").type(installation(key, "0"))
    full = Call(office.service, "full")
    assert full.type(installation(key, "7")).startswith(SAID["host_limit_reached"])
    assert known_key(office.service, key.row.keyid).used == 6
    assert full.press("0").startswith(SAID["case"])
    (row,) = office.service.ledger.execute("SELECT keyid FROM cases").fetchall()
    assert row[0] == key.row.keyid


def test_s14_hosts_count_towards_the_limits_once(office: Office, reference: Catalog, key: IssuedKey) -> None:
    """A new host counts as a computer does; one that is confirmed again does not, and is not refused."""
    policy = msgspec.structs.replace(reference.policy, telephone_per_key=1)
    publish(office.service, msgspec.structs.replace(reference, policy=policy), act=office.act)
    assert Call(office.service, "one").type(installation(key, "1")).startswith(SAID["confirmed"])
    assert Call(office.service, "two").type(installation(key, "2")).startswith(SAID["too_many_requests"])
    assert SAID["repeated"] in Call(office.service, "again").type(installation(key, "1"))
    assert known_key(office.service, key.row.keyid).used == 1
