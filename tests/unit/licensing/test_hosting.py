"""Which machine may be a host, what it serves, and what its activation takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.licensing.builders import code_of, edited, read, reference, small
from volact.errors import Refusal
from volact.licensing.hosting import (
    NewSlot,
    Reactivation,
    SameDevice,
    Slot,
    admit_host,
    check_renewal,
    host_revoked,
    may_host,
    reactivations_left,
    serves,
)

SIX = [Slot(f"H{number}", f"D{number}", f"K{number}") for number in range(6)]


def test_f17_update_is_missing_until_the_host_has_the_catalog_version() -> None:
    """A host whose catalog is older than the update's version is told which update it needs, and then takes the key."""
    before = may_host(read(small()), 3, platform="bsd", virtual=False, group="suite")
    assert code_of(before) == "host_update_required"
    assert before is not None
    assert before.fields == {"platform": "bsd", "product_group": "suite", "update": "wheel"}
    assert "Wheel, which comes with catalog version 4 (this host has 3)" in before.detail
    assert may_host(read(small()), 4, platform="bsd", virtual=False, group="suite") is None


def test_f20_virtual_host_is_judged_before_the_table_and_the_update() -> None:
    """A virtual computer on a platform that may not be virtual is refused for that, whatever the table says."""
    answer = may_host(read(small()), 1, platform="bsd", virtual=True, group="suite")
    assert code_of(answer) == "host_platform_unsupported"
    assert answer is not None
    assert answer.detail.startswith("BSD cannot be a host on a virtual computer. These can: Linux (also as a virtual")


def test_f15_pair_that_is_not_named_is_never() -> None:
    """A platform that the table does not name for a product group is refused, as is one that the table calls never."""
    assert code_of(may_host(read(small()), 9, platform="mac.10", virtual=False, group="suite")) == (
        "host_platform_unsupported"
    )
    never = read(edited(("product_groups/suite/hosts", {"linux": "never"}), ("product_groups/suite/kinds", ["host"])))
    answer = may_host(never, 9, platform="linux", virtual=False, group="suite", beside=["elsewhere"])
    assert answer is not None
    assert answer.detail == "Linux cannot be a host for Suite. No host platform of the catalog can."
    assert answer.fields["ways_out"] == []


def test_unknown_platform_is_refused_with_the_nearest() -> None:
    """A platform that the catalog does not have is refused with the name of the nearest one."""
    answer = may_host(read(small()), 9, platform="linus", virtual=False, group="suite")
    assert code_of(answer) == "host_platform_unsupported"
    assert answer is not None
    assert answer.detail == 'the catalog has no host platform "linus"; the nearest known name is "linux"'


def test_f14_one_host_serves_several_families() -> None:
    """A host with several host keys serves the product groups of all of them, and nothing else."""
    catalog = reference()
    groups = {*catalog.groups_of_host_key("windows-7"), *catalog.groups_of_host_key("office-2010")}
    for product in ("windows-7-enterprise", "windows-vista-business", "office-2010", "visio-2010"):
        assert serves(catalog, groups, product=product) is None
    refused = serves(catalog, groups, product="office-2013")
    assert code_of(refused) == "product_not_served"
    assert refused is not None
    assert refused.detail == "the keys of this host do not serve Office 2013"


def test_product_without_host_kind_and_unknown_product_are_not_served() -> None:
    """No host serves a product that offers no host key, nor one that the host's catalog does not have."""
    catalog = read(small())
    for product in ("sampler-2", "suite-9"):
        assert code_of(serves(catalog, list(catalog.product_groups), product=product)) == "product_not_served"


def test_f18_six_hosts_and_the_seventh_is_refused_with_the_center() -> None:
    """A host key sets up six hosts, physical or virtual, and the seventh is refused with the center to call."""
    assert admit_host(SIX[:5], dev="D9", jkt="K9", limit=6, reactivations=9) == NewSlot()
    center = reference().centers[0]
    refused = admit_host(SIX, dev="D9", jkt="K9", limit=6, reactivations=9, center=center)
    assert isinstance(refused, Refusal)
    assert refused.code == "host_limit_reached"
    assert refused.fields["center"] == center.as_fields
    assert "6 of 6 hosts" in refused.detail


def test_f18_known_host_takes_no_slot() -> None:
    """A host that is activated again with the same device key takes nothing, also when all slots are taken."""
    assert admit_host(SIX, dev="D3", jkt="K3", limit=6, reactivations=9) == SameDevice(SIX[3])


def test_f18_reinstalled_host_takes_a_reactivation_and_the_tenth_is_refused() -> None:
    """A new device key on the same hardware takes one of nine re-activations, and a tenth is refused."""
    slot = SIX[0]
    for number in range(1, 10):
        taken = admit_host([slot], dev="D0", jkt=f"K0.{number}", limit=1, reactivations=9)
        assert taken == Reactivation(Slot("H0", "D0", f"K0.{number}", number), slot.jkt)
        assert isinstance(taken, Reactivation)
        slot = taken.slot
        assert reactivations_left(slot.reactivations, 9) == 9 - number
    refused = admit_host([slot], dev="D0", jkt="K0.10", limit=1, reactivations=9)
    assert isinstance(refused, Refusal)
    assert refused.code == "host_limit_reached"
    assert refused.fields == {"center": None}
    assert reactivations_left(slot.reactivations, 3) == 0


def test_renewal_keeps_slot_and_device_key() -> None:
    """The host that holds its slot's device key renews its newest certificate."""
    assert check_renewal(SIX[0], jkt="K0", renewed=False) is None


def test_copied_host_is_named_a_clone() -> None:
    """A renewal of a certificate renewed already, or by a device key that was ended, is `clone_detected`."""
    for answer in (
        check_renewal(SIX[0], jkt="K0", renewed=True),
        check_renewal(SIX[0], jkt="K9", renewed=False),
    ):
        assert code_of(answer) == "clone_detected"
        assert answer is not None
        assert answer.fields == {"host": "H0"}


@given(
    asks=st.lists(st.tuples(st.sampled_from("ABCDE"), st.sampled_from("12345")), max_size=60),
    limit=st.integers(1, 4),
    reactivations=st.integers(0, 3),
)
def test_no_order_of_activations_passes_the_limits(asks: list[tuple[str, str]], limit: int, reactivations: int) -> None:
    """In whatever order hosts ask, a key never has more hosts, nor a host more re-activations, than allowed."""
    slots: dict[str, Slot] = {}
    for dev, jkt in asks:
        answer = admit_host(list(slots.values()), dev=dev, jkt=jkt, limit=limit, reactivations=reactivations)
        match answer:
            case NewSlot():
                slots[dev] = Slot(dev, dev, jkt)
            case Reactivation(slot=slot, ended=ended):
                assert ended == slots[dev].jkt != jkt
                slots[dev] = slot
            case SameDevice(slot=slot):
                assert slot == slots[dev]
            case Refusal():
                assert len(slots) == limit or slots[dev].reactivations == reactivations
    assert len(slots) <= limit
    assert all(slot.reactivations <= reactivations for slot in slots.values())


def test_a_revoked_host_is_told_how_it_goes_on() -> None:
    """The refusal of a revoked device key names the host and the command that makes a new one."""
    refusal = host_revoked(SIX[0])
    assert (refusal.code, refusal.fields) == ("host_revoked", {"host": "H0"})
    assert "volact host activate" in refusal.detail
