from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.service_devices.books import (
    CATALOG,
    DAY,
    HOST,
    MAK,
    NOW,
    RETAIL,
    TERMS,
    TRIAL,
    activation,
    book,
    hosting,
    renewal,
)
from tests.unit.service_devices.test_admission import certificate, code, granted, one
from volact.credential.claims import Activation, decode
from volact.licensing.catalogfile import read_catalog_text
from volact.service.admission.book import Book, Decision

TRIAL_SECONDS = 30 * DAY
REFERENCE = Path(__file__).resolve().parents[3] / "catalogs" / "reference.toml"


def said(decision: Decision) -> Activation:
    """The activation that was granted."""
    return decode(Activation, granted(decision).payload)


def free(record: Book, host: str) -> None:
    """Frees a slot as the activation center does between two batches."""
    slot = record.slots[host]
    record.slots[host] = replace(slot, live=0)
    record.keys[slot.keyid] = replace(record.keys[slot.keyid], used=record.keys[slot.keyid].used - 1)


@given(st.lists(st.integers(0, TRIAL_SECONDS - 1), min_size=1, max_size=9))
def test_f46_trial_never_lasts_longer_than_its_days(times: list[int]) -> None:
    """Whenever a trial is asked for again, by the same request or a new one, it ends when it would have ended."""
    record = book()
    first = said(one(record, activation(1, 50, keyid=TRIAL)))
    assert first.exp == NOW + TRIAL_SECONDS
    for number, after in enumerate(sorted(times)):
        later = replace(TERMS, now=NOW + after)
        again = said(one(record, activation(1, number, keyid=TRIAL, iat=NOW + after), later))
        repeated = said(one(record, activation(1, 50, keyid=TRIAL), later))
        assert (again.exp, repeated.exp) == (first.exp, first.exp)
    assert record.used(TRIAL) == 1


def test_trial_that_ended_is_not_given_again() -> None:
    """From its end on, a new request for a trial is refused, and the same request repeats what has ended."""
    record = book()
    first = said(one(record, activation(1, keyid=TRIAL)))
    over = replace(TERMS, now=NOW + TRIAL_SECONDS)
    assert code(one(record, activation(1, 1, keyid=TRIAL, iat=over.now), over)) == "trial_ended"
    assert said(one(record, activation(1, keyid=TRIAL), over)) == first
    assert code(one(record, activation(2, 2, keyid=TRIAL, iat=over.now), over)) == "mak_exhausted"


def test_trial_of_a_lost_signing_key_is_given_afresh_until_its_end() -> None:
    """A trial whose signing key is gone is signed anew with the same end, and no more once that is over."""
    record = book()
    first = said(one(record, activation(1, keyid=TRIAL)))
    lost = replace(TERMS, now=NOW + DAY, kid="issuing-3", usable=frozenset({"issuing-3"}))
    again = said(one(record, activation(1, keyid=TRIAL), lost))
    assert (again.exp, again.iat) == (first.exp, NOW + DAY)
    over = replace(lost, now=NOW + TRIAL_SECONDS, kid="issuing-4", usable=frozenset({"issuing-4"}))
    assert code(one(record, activation(1, keyid=TRIAL), over)) == "trial_ended"


def test_days_of_a_trial_are_the_catalogs() -> None:
    """A trial lasts as many days as the catalog gives the product that it was first asked for."""
    product = msgspec.structs.replace(CATALOG.products["tracer-9"], trial_days=7)
    catalog = msgspec.structs.replace(CATALOG, products={**CATALOG.products, "tracer-9": product})
    found = said(one(book(), activation(1, keyid=TRIAL), replace(TERMS, catalog=catalog)))
    assert found.exp == NOW + 7 * DAY


@pytest.mark.parametrize("keyid", [MAK, RETAIL])
def test_other_activations_have_no_end(keyid: str) -> None:
    """An activation of a multiple activation key and one of a retail key have no end."""
    assert said(one(book(), activation(1, keyid=keyid))).exp is None


def test_f40_client_access_key_activates_on_the_server() -> None:
    """A client access key activates the server that holds the licenses, without an end, and counts it."""
    catalog = read_catalog_text(REFERENCE.read_text("utf-8"))
    record = book()
    record.keys[MAK] = replace(record.keys[MAK], kind="cal", product_group="sbs-2003-cal", allowance=1)
    terms = replace(TERMS, catalog=catalog)
    found = said(one(record, activation(1, product="sbs-2003-cal"), terms))
    assert (found.kind, found.exp, record.used(MAK)) == ("cal", None, 1)
    assert code(one(record, activation(2, product="sbs-2003-cal"), terms)) == "mak_exhausted"
    assert code(one(record, activation(1, 1, product="sbs-2003-standard"), terms)) == "key_wrong_product"


@pytest.mark.parametrize("kind", ["setup", "oem", "host"])
def test_keys_that_need_no_service_are_not_activated_here(kind: str) -> None:
    """Setup keys, keys of preinstalled products and host keys activate no computer at the service."""
    record = book()
    record.keys[MAK] = replace(record.keys[MAK], kind=kind, allowance=0)
    assert code(one(record, activation(1))) == "key_wrong_kind"


def test_retired_activation_covers_nothing() -> None:
    """A computer whose activation was retired takes one again, while what was answered before stays the answer."""
    record = book(allowance=2)
    first = said(one(record, activation(1)))
    record.activations.clear()  # as the record is read once the activation does not hold any more
    again = said(one(record, activation(1, 1)))
    assert again.jti != first.jti
    assert record.used(MAK) == 2
    assert said(one(record, activation(1))).jti == first.jti


def test_f18_freed_host_renews_nothing() -> None:
    """A host whose slot was freed is told so when it renews, whichever of its certificates it names."""
    record = book()
    first = certificate(one(record, hosting(1)))
    second = certificate(one(record, renewal(1, 1, predecessor=first.jti)))
    free(record, first.host)
    for number, jti in enumerate((first.jti, second.jti), 2):
        assert code(one(record, renewal(1, number, predecessor=jti))) == "host_slot_freed"


def test_freed_hardware_takes_a_new_slot_while_there_is_one() -> None:
    """The hardware of a freed slot takes a new slot if one is left, by its old device key too, under a new host id."""
    record = book(slots=2)
    first = certificate(one(record, hosting(1)))
    certificate(one(record, hosting(2)))
    free(record, first.host)
    again = certificate(one(record, hosting(1, 1)))
    assert again.host != first.host
    assert record.used(HOST) == 2
    assert code(one(record, hosting(3))) == "host_limit_reached"
    assert code(one(record, renewal(1, 2, predecessor=first.jti))) == "host_slot_freed"
    granted(one(record, renewal(1, 3, predecessor=again.jti)))


def test_f18_freed_host_is_given_nothing_afresh() -> None:
    """What a lost key signed for a host is not given afresh once its slot was freed, whichever request is repeated."""
    record = book()
    first = certificate(one(record, hosting(1)))
    certificate(one(record, renewal(1, 1, predecessor=first.jti)))
    free(record, first.host)
    lost = replace(TERMS, kid="issuing-3", usable=frozenset({"issuing-3"}))
    assert code(one(record, renewal(1, 1, predecessor=first.jti), lost)) == "host_slot_freed"
    del record.slots[first.host]  # as the record is read for a request that names no predecessor
    assert code(one(record, hosting(1), lost)) == "host_slot_freed"
