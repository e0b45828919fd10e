from __future__ import annotations

from dataclasses import replace

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
    activation,
    book,
    hosting,
    renewal,
)
from volact.credential.claims import Activation, HostCertificate, decode
from volact.errors import Refusal
from volact.service.admission.batch import decide
from volact.service.admission.book import Ask, Book, Decision, Granted, Terms


def one(record: Book, ask: Ask, terms: Terms = TERMS) -> Decision:
    """The decision on one request alone."""
    return decide(record, terms, asks=[ask])[0]


def granted(decision: Decision) -> Granted:
    """The decision, which has to be a grant."""
    assert isinstance(decision, Granted), decision
    return decision


def code(decision: Decision) -> str:
    """The code of a decision, which has to be a refusal."""
    assert isinstance(decision, Refusal), decision
    return decision.code


def certificate(decision: Decision) -> HostCertificate:
    """The certificate that was granted."""
    return decode(HostCertificate, granted(decision).payload)


asks = st.lists(st.builds(activation, st.integers(0, 15), st.integers(0, 3), content=st.integers(0, 1)), max_size=60)


@given(asks, st.integers(0, 8), st.integers(1, 7))
def test_allowance_is_never_passed(asked: list[Ask], allowance: int, size: int) -> None:
    """However requests are ordered and cut into batches, a key activates no more device keys than it allows."""
    record = book(allowance=allowance)
    held: set[str] = set()
    for start in range(0, len(asked), size):
        batch = asked[start : start + size]
        decisions = decide(record, TERMS, asks=batch)
        held |= {ask.jkt for ask, found in zip(batch, decisions, strict=True) if isinstance(found, Granted)}
    assert len(held) <= allowance
    assert record.used(MAK) == len(held) == len(record.activations) == sum(record.changes.used.values())


@given(asks, st.integers(0, 8))
def test_batches_decide_as_if_one_by_one(asked: list[Ask], allowance: int) -> None:
    """A batch gives each request the answer that it would have had alone, in the order of arrival."""
    together = decide(book(allowance=allowance), TERMS, asks=asked)
    record = book(allowance=allowance)
    assert together == tuple(one(record, ask) for ask in asked)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_duplicates_in_a_batch_collapse(devices: list[int]) -> None:
    """The same request many times in one batch is granted once and repeated for the others, with the same payload."""
    asked = [activation(device) for device in devices]
    record = book()
    decisions = [granted(found) for found in decide(record, TERMS, asks=asked)]
    assert record.used(MAK) == len(set(devices))
    for device in set(devices):
        same = [found for mine, found in zip(devices, decisions, strict=True) if mine == device]
        assert len({found.payload for found in same}) == 1
        assert [found.repeated for found in same] == [False] + [True] * (len(same) - 1)


def test_activation_says_what_was_asked() -> None:
    """An activation echoes the request's number, device, mark and product, and names key, group and organization."""
    ask = activation(1)
    said = decode(Activation, granted(one(book(), ask)).payload)
    assert (said.rid, said.dev, said.mv, said.product) == (
        ask.request.rid, ask.request.dev, ask.request.mv, "tracer-9",
    )  # fmt: skip
    assert (said.cnf.jkt, said.keyid, said.kind, said.group, said.exp) == (ask.jkt, MAK, "mak", "tracer-9", None)
    assert said.organization is not None
    assert said.organization.name == "Nordlys Energi"


def test_new_number_of_a_live_activation_takes_nothing() -> None:
    """A new request of an activated device key is one more payload on the same activation and takes nothing."""
    record = book(allowance=1)
    first = decode(Activation, granted(one(record, activation(1))).payload)
    again = decode(Activation, granted(one(record, activation(1, 1))).payload)
    assert (again.jti, record.used(MAK)) == (first.jti, 1)


def test_new_numbers_are_limited_by_day() -> None:
    """A live activation answers as many new requests a day as the catalog says, and every repeated one."""
    record = book()
    most = CATALOG.policy.requests_per_day
    for number in range(most):
        granted(one(record, activation(1, number)))
    assert code(one(record, activation(1, most))) == "too_many_requests"
    assert granted(one(record, activation(1, 0))).repeated


def test_used_number_with_another_content_is_replayed() -> None:
    """A request number that answered another content is refused as replayed, and is so under every key's state."""
    record = book()
    granted(one(record, activation(1)))
    assert code(one(record, activation(1, content=1))) == "replayed"


def test_recorded_answer_outlives_the_block_and_the_window() -> None:
    """The same request gets its recorded answer also when its time is long gone and its key is blocked since."""
    record = book()
    first = granted(one(record, activation(1)))
    record.keys[MAK] = replace(record.keys[MAK], state="blocked")
    later = granted(one(record, activation(1), replace(TERMS, now=NOW + 400 * DAY)))
    assert (later.payload, later.repeated) == (first.payload, True)
    assert code(one(record, activation(2))) == "key_blocked"
    assert code(one(record, activation(1, 1))) == "key_blocked"


def test_answer_of_a_lost_signing_key_is_recorded_afresh() -> None:
    """An activation whose signing key is gone is given anew with the present time, under the same id, uncounted."""
    record = book()
    first = decode(Activation, granted(one(record, activation(1))).payload)
    later = replace(TERMS, now=NOW + DAY, kid="issuing-3", usable=frozenset({"issuing-3"}))
    again = granted(one(record, activation(1), later))
    said = decode(Activation, again.payload)
    assert (said.jti, said.iat, again.kid, again.repeated) == (first.jti, NOW + DAY, "issuing-3", False)
    assert record.used(MAK) == 1
    assert granted(one(record, activation(1), later)).repeated


def test_certificate_of_a_lost_signing_key_keeps_its_length() -> None:
    """A host certificate that is recorded afresh is in force as long as the first one was."""
    record = book()
    first = certificate(one(record, hosting(1)))
    later = replace(TERMS, now=NOW + DAY, kid="issuing-3", usable=frozenset({"issuing-3"}))
    again = certificate(one(record, hosting(1), later))
    assert (again.jti, again.iat, again.exp) == (first.jti, NOW + DAY, first.exp + DAY)


def test_exhausted_key_names_the_center() -> None:
    """A key with nothing left refuses with the activation center of the organization's country."""
    found = one(book(allowance=3, used=3), activation(1))
    assert code(found) == "mak_exhausted"
    assert isinstance(found, Refusal)
    center = found.fields["center"]
    assert isinstance(center, dict)
    assert (center["country"], set(center)) == ("GB", {"country", "number", "hours", "languages"})


def test_retail_key_activates_one_computer() -> None:
    """A retail key activates the first computer, and no second one."""
    record = book()
    granted(one(record, activation(1, keyid=RETAIL)))
    assert code(one(record, activation(2, keyid=RETAIL))) == "mak_exhausted"


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        (activation(1, keyid=HOST), "key_wrong_kind"),
        (activation(1, product="mesher-9"), "key_wrong_product"),
        (activation(1, product="nothing-of-that-name"), "unknown_product"),
        (activation(1, iat=NOW - 4 * 3600 - 1), "clock_out_of_range"),
        (activation(1, iat=NOW + 4 * 3600 + 1), "clock_out_of_range"),
        (activation(1, iat=2**40), "clock_out_of_range"),
        (hosting(1, keyid=MAK), "key_wrong_kind"),
        (hosting(1, platform="amiga"), "host_platform_unsupported"),
        (renewal(1, 1, predecessor="0" * 26), "key_unknown"),
        (activation(1, keyid="0000000009"), "key_unknown"),
    ],
)
def test_misplaced_requests_have_their_code(ask: Ask, expected: str) -> None:
    """A key of the wrong kind or product, a clock far off, and a platform not allowed each give their code."""
    record = book()
    assert code(one(record, ask)) == expected
    assert sum(record.changes.used.values()) == 0
    assert sum(record.changes.refused.values()) == (0 if expected == "key_unknown" else 1)


def test_clock_refusal_tells_our_time() -> None:
    """A clock out of range is answered with the time of the service, in seconds."""
    found = one(book(), activation(1, iat=NOW - 5 * 3600))
    assert isinstance(found, Refusal)
    assert found.fields == {"server_time": NOW}


def test_six_hosts_and_no_seventh() -> None:
    """A host key sets up six hosts on different hardware, and the seventh is told which center to call."""
    record = book()
    hosts = {certificate(one(record, hosting(device))).host for device in range(6)}
    assert len(hosts) == 6
    found = one(record, hosting(6))
    assert isinstance(found, Refusal)
    assert found.code == "host_limit_reached"
    assert found.fields["center"]
    assert record.used(HOST) == 6


def test_same_host_again_takes_nothing() -> None:
    """A host that asks again with its device key gets a certificate of its slot, and nothing is taken."""
    record = book()
    first, again = certificate(one(record, hosting(1))), certificate(one(record, hosting(1, 1)))
    assert (first.host, record.used(HOST)) == (again.host, 1)
    assert first.jti != again.jti
    assert not record.changes.revoked


def test_nine_reactivations_and_no_tenth() -> None:
    """New device keys on the same hardware are accepted nine times, each ending the one before it on the list."""
    record = book()
    host = certificate(one(record, hosting(0, dev=1))).host
    for device in range(1, 10):
        said = certificate(one(record, hosting(device, dev=1)))
        assert (said.host, said.rev_min) == (host, 2)
    assert code(one(record, hosting(10, dev=1))) == "host_limit_reached"
    assert [line.id for line in record.changes.revoked] == [host] * 9
    assert record.used(HOST) == 1


def test_ended_device_key_is_a_clone() -> None:
    """A device key that a re-activation ended can neither renew nor activate again."""
    record = book()
    first = certificate(one(record, hosting(1, dev=1)))
    certificate(one(record, hosting(2, dev=1)))
    assert code(one(record, renewal(1, 1, predecessor=first.jti))) == "clone_detected"
    assert code(one(record, hosting(1, 2, dev=1))) == "clone_detected"


def test_renewals_follow_one_another() -> None:
    """Each renewal names its predecessor, keeps host and slot, and takes nothing, however many there are."""
    record = book()
    said = certificate(one(record, hosting(1)))
    for number in range(1, 15):
        after = certificate(one(record, renewal(1, number, predecessor=said.jti)))
        assert (after.host, after.predecessor, after.cnf.public.kid) == (said.host, said.jti, said.cnf.public.kid)
        said = after
    assert record.used(HOST) == 1


def test_second_renewal_of_one_certificate_is_a_clone() -> None:
    """A certificate that was renewed is not renewed by another request, while the first one keeps its answer."""
    record = book()
    first = certificate(one(record, hosting(1)))
    renewed = granted(one(record, renewal(1, 1, predecessor=first.jti)))
    assert code(one(record, renewal(1, 2, predecessor=first.jti))) == "clone_detected"
    assert granted(one(record, renewal(1, 1, predecessor=first.jti))).payload == renewed.payload


def test_renewal_by_another_device_key_learns_nothing() -> None:
    """A stranger's renewal of a certificate is answered like that of a certificate which does not exist."""
    record = book()
    first = certificate(one(record, hosting(1)))
    assert one(record, renewal(2, 1, predecessor=first.jti)) == one(record, renewal(2, 1, predecessor="0" * 26))


def test_renewal_on_other_hardware_is_refused() -> None:
    """A renewal from other hardware than the slot's is refused, since a slot belongs to its hardware."""
    record = book()
    first = certificate(one(record, hosting(1)))
    assert code(one(record, renewal(1, 1, predecessor=first.jti, dev=9))) == "hardware_changed"


def test_blocked_host_key_renews_nothing() -> None:
    """A blocked host key gives neither a first certificate nor the next one."""
    record = book()
    first = certificate(one(record, hosting(1)))
    record.keys[HOST] = replace(record.keys[HOST], state="blocked")
    assert code(one(record, renewal(1, 1, predecessor=first.jti))) == "key_blocked"
    assert code(one(record, hosting(2))) == "key_blocked"


def test_certificate_holds_what_the_catalog_says() -> None:
    """A certificate names every group that its key serves, its end, and the longest lease, as the catalog has them."""
    said = certificate(one(book(), hosting(1)))
    assert said.groups == CATALOG.groups_of_host_key("solver-server-9")
    assert said.exp - said.iat == CATALOG.policy.certificate_days * DAY
    assert said.max_lease == CATALOG.policy.max_lease_days * DAY


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 7)), max_size=50), st.integers(0, 6))
def test_slots_are_never_passed(moves: list[tuple[int, int]], slots: int) -> None:
    """Whatever device keys ask on whatever hardware, a host key never has more slots than it allows."""
    record = book(slots=slots)
    for number, (device, dev) in enumerate(moves):
        one(record, hosting(device, number, dev=dev))
    assert len(record.slots) == record.used(HOST) <= slots
    limit = CATALOG.policy.host_reactivations
    assert all(slot.reactivations <= limit for slot in record.slots.values())
