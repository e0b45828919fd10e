from __future__ import annotations

import json

import pytest

from tests.support.service import read
from tests.unit.service.conftest import DAY, START, Office
from volact.credential.claims import MOST_GRANT_KEYS, SetupGrant
from volact.credential.proof import proof_hash
from volact.errors import Refused
from volact.licensing.agreements import day_of
from volact.service.ledger import audit, grants
from volact.service.ports import Call
from volact.service.usecases.center import give_key
from volact.service.usecases.granting import Media, MediaOrder, make_media, record_delivery
from volact.service.usecases.keys import IssuedKey, Order, block, issue
from volact.service.usecases.roots import rotate
from volact.service.usecases.showing import key_sheet

XP = "windows-xp-professional"
WITH_OEM = "windows-7-professional"


def licensed(office: Office, product: str = XP, **terms: object) -> str:
    """A new agreement that holds licenses of a product."""
    return office.agreement(licenses={product: 5}, **terms)


def made(office: Office, licensing_id: str, *, product: str = XP, kind: str = "setup") -> Media:
    """What lies on the product's media."""
    return make_media(office.service, MediaOrder(licensing_id=licensing_id, product=product, kind=kind), act=office.act)


def setup_keys(office: Office, licensing_id: str, count: int = 1) -> tuple[IssuedKey, ...]:
    """Setup keys of an agreement, in the order of their issue."""
    order = Order(licensing_id=licensing_id, product=XP, kind="setup", count=count)
    return issue(office.service, order, act=office.act)


def listed(office: Office, media: Media) -> SetupGrant:
    """The grant as a client believes it."""
    return office.trust().grant(media.grant)


def hash_of(key: str) -> str:
    """The hash that a grant lists a key by."""
    return proof_hash(read(key, "acme.example").derived.proof_key)


def test_f02_grant_lists_the_setup_key_of_the_product(office: Office) -> None:
    """A grant says product, group, version, agreement and organization, and lists the key that the sleeve shows."""
    licensing_id = licensed(office)
    media = made(office, licensing_id)
    said = listed(office, media)
    assert (said.kind, said.product, said.licensing_id) == ("setup", XP, licensing_id)
    assert said.organization is not None
    assert said.organization.name == "Nordlys Energi"
    assert said.keys == (hash_of(media.key),)
    assert media.keyids == (media.row.keyid,)
    assert media.row.product == XP


def test_same_content_is_the_same_grant(office: Office) -> None:
    """Media made again, with the same keys, hold the same grant; with another key they hold a new one."""
    licensing_id = licensed(office)
    first = made(office, licensing_id)
    office.time.go(10 * DAY)
    again = made(office, licensing_id)
    assert (again.grant, again.key) == (first.grant, first.key)
    newer = setup_keys(office, licensing_id)[0]
    third = made(office, licensing_id)
    assert third.jti != first.jti
    assert third.key == newer.key
    assert set(listed(office, third).keys) == {hash_of(first.key), hash_of(newer.key)}


def test_blocked_key_is_left_out_of_the_next_media(office: Office) -> None:
    """A key that was blocked is neither listed nor printed any more; without another one, a new one is issued."""
    licensing_id = licensed(office)
    first = made(office, licensing_id)
    block(office.service, first.row.keyid, revoked=False, act=office.act)
    second = made(office, licensing_id)
    assert second.key != first.key
    assert listed(office, second).keys == (hash_of(second.key),)


def test_grant_of_a_compromised_signing_key_is_signed_anew(office: Office) -> None:
    """A grant whose signing key is compromised is not used again; one whose key was only replaced is."""
    licensing_id = licensed(office)
    first = made(office, licensing_id)
    rotate(office.service, office.roots, compromised=(), act=office.act)
    assert made(office, licensing_id).grant == first.grant
    kid = grants.grants_of(office.service.ledger, licensing_id, product=XP, kind="setup")[0].kid
    rotate(office.service, office.roots, compromised=(kid,), act=office.act)
    again = made(office, licensing_id)
    assert again.jti != first.jti
    assert listed(office, again).keys == listed(office, first).keys


def test_f46_keys_of_preinstalled_products_have_grants_of_their_own(office: Office) -> None:
    """The key of a preinstalled product is listed by a grant of its own kind, beside that of other kinds."""
    licensing_id = licensed(office, WITH_OEM)
    said = listed(office, made(office, licensing_id, product=WITH_OEM, kind="oem"))
    assert (said.kind, said.product) == ("oem", WITH_OEM)
    with pytest.raises(Refused) as caught:
        made(office, licensing_id, product=WITH_OEM, kind="setup")
    assert caught.value.code == "kind_not_offered"


def test_f40_key_that_comes_on_the_media_is_made_for_them_alone(office: Office) -> None:
    """Where the catalog says that the key comes on the media, these hold one although no key is given out else."""
    licensing_id = licensed(office, "sbs-2008-standard")
    media = made(office, licensing_id, product="sbs-2008-standard")
    assert listed(office, media).keys == (hash_of(media.key),)
    with pytest.raises(Refused):
        issue(
            office.service,
            Order(licensing_id=licensing_id, product="sbs-2008-standard", kind="setup"),
            act=office.act,
        )


def test_keys_of_other_agreements_and_products_are_not_listed(office: Office) -> None:
    """A grant lists keys of its own agreement and product only."""
    one, other = licensed(office), licensed(office)
    foreign = made(office, other)
    assert hash_of(foreign.key) not in listed(office, made(office, one)).keys


def test_grant_lists_the_newest_keys_that_fit(office: Office) -> None:
    """Of more keys than a grant holds the newest are listed, and how many were left out is said."""
    licensing_id = licensed(office)
    issued = setup_keys(office, licensing_id, MOST_GRANT_KEYS + 3)
    media = made(office, licensing_id)
    assert (len(media.keyids), media.left_out) == (MOST_GRANT_KEYS, 3)
    assert media.keyids == tuple(each.row.keyid for each in issued[::-1])[:MOST_GRANT_KEYS]
    assert len(listed(office, media).keys) == MOST_GRANT_KEYS


@pytest.mark.parametrize(
    ("product", "terms", "code"),
    [
        ("office-2016", {}, "kind_not_offered"),
        ("windows-server-2003", {}, "units_required"),
        ("nothing-of-that-name", {}, "unknown_product"),
        (XP, {"valid_until": day_of(START - 2 * DAY)}, "agreement_ended"),
        (XP, {"valid_from": day_of(START + 2 * DAY)}, "agreement_not_started"),
    ],
)
def test_media_are_refused_as_keys_are(office: Office, product: str, terms: dict[str, str], code: str) -> None:
    """Media are made for what the agreement gives keys for, on its days, and otherwise nothing is on record."""
    licensing_id = licensed(office, **terms)
    with pytest.raises(Refused) as caught:
        made(office, licensing_id, product=product)
    assert caught.value.code == code
    assert office.service.ledger.execute("SELECT count(*) FROM grants").fetchone()[0] == 0
    assert office.service.ledger.execute("SELECT count(*) FROM keys").fetchone()[0] == 0


def test_unknown_agreement_has_no_media(office: Office) -> None:
    """Media for an agreement that does not exist are refused."""
    with pytest.raises(Refused) as caught:
        made(office, "L-0000-0000")
    assert caught.value.code == "unknown_agreement"


def test_f03_each_way_of_delivery_is_recorded(office: Office) -> None:
    """A key's history tells delivery on media, as a download and by telephone apart."""
    licensing_id = licensed(office)
    media = made(office, licensing_id)
    record_delivery(office.service, media, how="on media", act=office.act)
    record_delivery(office.service, media, how="as a download", act=office.act)
    order = Order(licensing_id=licensing_id, product=XP, kind="setup")
    assert give_key(office.service, order, call=Call("Kari", "invoice", "lost"), act=office.act).key == media.key
    told = [line.what for line in key_sheet(office.service, media.row.keyid).history][1:]
    for what, said in zip(("on media", "as a download", "by telephone"), told, strict=True):
        assert said.startswith(f"delivered {what}")


def test_no_setup_key_lies_open_in_the_database(office: Office) -> None:
    """Neither the key on the sleeve nor its proof key stands readable in the database once media were made."""
    media = made(office, licensed(office))
    record_delivery(office.service, media, how="on media", act=office.act)
    data = office.on_record()
    held = read(media.key, "acme.example")
    for secret in (media.key.encode(), held.product.data, held.derived.proof_key):
        assert secret not in data


def test_a_signed_grant_is_an_entry_of_the_audit(office: Office) -> None:
    """A grant is in the audit with its id, its product and its keys once it is signed, and not when it is repeated."""
    licensing_id = licensed(office)
    media = made(office, licensing_id)
    made(office, licensing_id)
    rows = audit.history(office.service.ledger, licensing_id)
    (detail,) = (json.loads(row.detail) for row in rows if row.act == "grant signed")
    assert detail == {"grant": media.jti, "product": XP, "keys": list(media.keyids)}
