"""Every answer of a host: what it judges, in which order, and what it puts on record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support.desk import OneKey, TestDesk, asked, code
from tests.support.publisher import DAY, NOW, Publisher
from volact.credential import claims
from volact.host.leases import Outcome
from volact.host.records import Granted, LeaseAsk

CLIENT, SERVER, OFFICE = "windows-7-professional", "windows-server-2008-r2-standard", "office-2010"
OLD = "windows-vista-business"  # a virtual computer with it adds nothing to the count


def desk(*groups: str) -> TestDesk:
    """A desk of a host that was activated for these groups."""
    return TestDesk(Publisher.of(), *(groups or ("windows-server-2008-r2-b", "office-2010")))


def lease_of(outcome: Outcome) -> claims.Lease:
    """The lease that was granted."""
    assert isinstance(outcome, Granted), outcome
    return claims.decode(claims.Lease, outcome.payload)


def test_the_threshold_is_met_by_the_computer_that_reaches_it() -> None:
    """The fifth distinct computer to ask is the first to be activated for a product that needs five."""
    host = desk()
    outcomes = [host.one(asked(f"s{number}", SERVER)) for number in range(1, 6)]
    assert [code(each) for each in outcomes] == ["count_insufficient"] * 4 + [None]
    assert [each.fields["count"] for each in outcomes[:4]] == [1, 2, 3, 4]  # type: ignore[union-attr]


def test_a_batch_is_judged_as_if_one_by_one() -> None:
    """Requests that come together are told the counts that they would be told one after another."""
    host = desk()
    outcomes = host.ask([asked(f"s{number}", SERVER) for number in range(1, 8)])
    assert [code(each) for each in outcomes] == ["count_insufficient"] * 4 + [None] * 3


def test_a_computer_counts_once() -> None:
    """A computer that asks again, for other products of its count group or with another key, counts once."""
    host = desk()
    for ask in (asked("s1", SERVER), asked("s1", CLIENT), asked("s1", SERVER, key="2"), asked("s2", SERVER)):
        last = host.one(ask)
    assert last.fields["count"] == 2  # type: ignore[union-attr]


def test_counts_are_apart() -> None:
    """Computers with products of another count group add nothing."""
    host = desk()
    host.ask([asked(f"o{number}", OFFICE) for number in range(5)])
    assert host.one(asked("s1", SERVER)).fields["count"] == 1  # type: ignore[union-attr]


def test_an_uncounted_virtual_computer_is_activated_once_the_count_is_met() -> None:
    """A virtual one whose product does not count is told the count without itself, and activated once it is met."""
    host = desk("windows-7")
    assert host.one(asked("v", OLD, virtual=True)).fields["count"] == 0  # type: ignore[union-attr]
    host.ask([asked(f"c{number}", CLIENT) for number in range(24)])
    assert host.one(asked("v", OLD, virtual=True)).fields["count"] == 24  # type: ignore[union-attr]
    host.one(asked("c24", CLIENT, virtual=True))
    assert code(host.one(asked("v", OLD, virtual=True))) is None


def test_the_window_forgets() -> None:
    """A computer that was not seen for 30 days adds nothing, and renewals below the threshold are refused as well."""
    host = desk()
    host.ask([asked(f"s{number}", SERVER) for number in range(5)])
    later = NOW + 30 * DAY
    assert code(host.one(asked("s0", SERVER, now=later))) is None
    assert host.one(asked("s0", SERVER, now=later + 1)).fields["count"] == 1  # type: ignore[union-attr]


def test_moments_inside_a_batch_are_judged_each_by_its_own_window() -> None:
    """A clock that is set while a batch gathers is followed at once, and nothing counted before is lost."""
    host = desk()
    batch = [asked(f"s{number}", SERVER) for number in range(4)]
    outcomes = host.ask([*batch, asked("s9", SERVER, now=NOW + 31 * DAY), asked("s4", SERVER)])
    assert outcomes[4].fields["count"] == 1  # type: ignore[union-attr]
    assert code(outcomes[5]) is None


def test_the_same_request_again_gets_the_same_lease() -> None:
    """The same request again, in its batch or hours later, is answered with the recorded payload and counts nothing."""
    host = desk()
    host.ask([asked(f"s{number}", SERVER) for number in range(4)])
    ask = asked("s4", SERVER)
    first, second = host.ask([ask, ask])
    third = host.one(LeaseAsk(ask.request, ask.jkt, ask.digest, NOW + 7 * 3600))
    assert lease_of(first) == lease_of(second) == lease_of(third)
    assert [each.renewed for each in (first, second, third) if isinstance(each, Granted)] == [False, None, None]


def test_a_used_rid_with_another_body_is_replayed() -> None:
    """A `rid` that was answered is refused for any other request of the same device key, and free for others."""
    host = desk()
    host.ask([asked(f"s{number}", SERVER) for number in range(4)])
    rid = "A" * 22
    outcomes = host.ask([asked("s4", SERVER, rid=rid), asked("s4", CLIENT, rid=rid), asked("s5", SERVER, rid=rid)])
    assert [code(each) for each in outcomes] == [None, "replayed", None]
    assert code(host.one(asked("s4", CLIENT, rid=rid))) == "replayed"


@pytest.mark.parametrize("off", [-4 * 3600 - 1, 4 * 3600 + 1])
def test_a_clock_beyond_four_hours(off: int) -> None:
    """A request more than four hours off is told the host's time and counts nothing."""
    host = desk()
    refused = host.one(asked("s1", SERVER, iat=NOW + off))
    assert (code(refused), refused.fields["server_time"]) == ("clock_out_of_range", NOW)  # type: ignore[union-attr]
    assert host.one(asked("s2", SERVER, iat=NOW + off // 2)).fields["count"] == 1  # type: ignore[union-attr]


def test_what_is_not_served_counts_nothing() -> None:
    """Unknown products, products that no host serves, and groups that no certificate names are refused uncounted."""
    host = desk("windows-7")
    for product in ("nothing", "sbs-2011-standard", "windows-8-pro", OFFICE):
        assert code(host.one(asked("c1", product))) == "product_not_served"
    assert host.one(asked("c2", CLIENT)).fields["count"] == 1  # type: ignore[union-attr]


def test_without_a_certificate_in_force_no_lease_is_given() -> None:
    """A host without a certificate, after its end, or with a blocked key gives no lease and counts nothing."""
    publisher = Publisher.of()
    empty = TestDesk(publisher)
    assert code(empty.one(asked("c1", CLIENT))) == "host_not_activated"
    assert code(empty.one(asked("c1", "sbs-2011-standard"))) == "product_not_served"
    host = TestDesk(publisher, "windows-7")
    host.ask([asked(f"c{number}", CLIENT) for number in range(25)])
    end = host.state.newest[0].claims.exp
    assert code(host.one(asked("c1", CLIENT, now=end))) == "host_not_activated"
    publisher.revoke(publisher.keys[host.state.newest[0].claims.keyid])
    host.state = type(host.state)(host.state.settings, publisher.trust, host.state.certificates)
    assert code(host.one(asked("c1", CLIENT))) == "host_not_activated"


def test_a_lease_stays_inside_its_certificate() -> None:
    """A lease begins inside its certificate and never lasts longer than that allows, whatever the catalog says."""
    publisher = Publisher.of()
    policy = replace(publisher.catalog.policy, lease_days=180, max_lease_days=100)
    publisher.catalog = replace(publisher.catalog, policy=policy)
    host = TestDesk(publisher, "windows-server-2008-r2-b")
    host.ask([asked(f"s{number}", SERVER) for number in range(4)])
    early = NOW - 3600  # the publisher's clock is an hour ahead of the host's
    lease = lease_of(host.one(asked("s4", SERVER, now=early)))
    said = host.state.newest[0].claims
    assert (lease.iat, lease.exp - lease.iat) == (said.iat, 100 * DAY)
    assert (lease.iss, lease.aud, lease.organization) == (said.host, publisher.id, said.organization)


def test_a_lease_whose_key_is_gone_is_recorded_afresh() -> None:
    """A recorded lease whose signing key is gone is given anew under the present certificate, uncounted."""
    host = desk()
    host.ask([asked(f"s{number}", SERVER) for number in range(4)])
    ask = asked("s4", SERVER)
    first = lease_of(host.one(ask))
    host.keys = OneKey(None)
    again = host.one(LeaseAsk(ask.request, ask.jkt, ask.digest, NOW + 5 * 3600))
    assert lease_of(again).jti != first.jti
    assert lease_of(again).iat == NOW + 5 * 3600


ASKS = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.sampled_from([CLIENT, SERVER, OLD, OFFICE, "project-2010", "sbs-2011-standard"]),
        st.booleans(),
        st.integers(0, 20),
        st.integers(1, 6),
    ),
    max_size=60,
)


@given(ASKS)
def test_the_count_never_differs_from_a_model(steps: list[tuple[int, str, bool, int, int]]) -> None:
    """Whatever computers ask in whatever batches, the count told is that of a set of computers seen in the window."""
    host, now = desk(), NOW
    seen: dict[str, dict[int, int]] = {"windows": {}, "office": {}}
    for batch, times in _batches(steps):
        now = min(now + times * DAY, NOW + 179 * DAY)  # the certificate ends on the 180th
        told = host.ask([asked(f"d{who}", what, virtual=virtual, now=now) for who, what, virtual, _, _ in batch])
        for (who, what, virtual, _, _), outcome in zip(batch, told, strict=True):
            _check(seen, outcome, who=who, what=what, virtual=virtual, now=now, host=host)


def _batches(
    steps: list[tuple[int, str, bool, int, int]],
) -> Iterator[tuple[list[tuple[int, str, bool, int, int]], int]]:
    while steps:
        size = steps[0][4]
        yield steps[:size], steps[0][3]
        steps = steps[size:]


def _check(
    seen: dict[str, dict[int, int]], outcome: Outcome, *, who: int, what: str, virtual: bool, now: int, host: TestDesk
) -> None:
    if what.startswith("sbs"):
        assert code(outcome) == "product_not_served"
        return
    group = host.state.trust.catalog.group_of(what)
    computers = seen[group.count_group or ""]
    if not (virtual and what == OLD):
        computers[who] = now
    count = len([at for at in computers.values() if at >= now - 30 * DAY])
    assert (code(outcome) is None) == (count >= (group.threshold or 0))
    if code(outcome) is not None:
        assert outcome.fields["count"] == count  # type: ignore[union-attr]
