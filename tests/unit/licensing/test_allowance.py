"""How many activations a key gets, and counting them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.licensing.builders import code_of, edited, read, reference, small
from volact.licensing.allowance import (
    Verdict,
    admit,
    check_activations,
    default_allowance,
    exhausted,
    set_allowance,
)


def given_to(program: str, *, level: str | None = None, licenses: int = 0, kind: str = "mak") -> int:
    """The default allowance of a key under a program of the small catalog."""
    return default_allowance(read(small()), program, level=level, licenses=licenses, kind=kind)


def test_allowance_comes_from_the_programs_table() -> None:
    """A MAK's default allowance is fixed, by level, or by licenses, as its program's table says."""
    assert given_to("fixed", level="A", licenses=99) == 7
    assert given_to("level", level="A") == 10
    assert given_to("level", level="B") == 5
    assert given_to("level") == given_to("level", level="Z") == 5
    assert [given_to("bands", licenses=number) for number in (0, 5, 6, 9, 10)] == [9, 9, 20, 20, 30]
    assert given_to("plain") == 50


def test_f28_open_license_gets_fifty_up_to_twenty_five_licenses() -> None:
    """Open and Open Value get 50 activations for 1 to 25 licenses, and twice the licenses from 26 on."""
    for program in ("open-license", "open-value"):
        got = [
            default_allowance(reference(), program, level=None, licenses=number, kind="mak") for number in (1, 25, 26)
        ]
        assert got == [50, 50, 52]


def test_f28_levels_get_fixed_amounts() -> None:
    """Select, Enterprise and the like get a fixed amount for each level, more for a higher one."""
    for program in ("select-plus", "select-license", "enterprise-agreement", "spla", "campus-agreement"):
        amounts = [default_allowance(reference(), program, level=level, licenses=9, kind="mak") for level in "ABCD"]
        assert amounts == sorted(set(amounts))


def test_other_kinds_have_their_own_allowance() -> None:
    """A retail key has one activation, and a host key the host slots of the policy."""
    assert given_to("fixed", kind="retail") == 1
    assert given_to("fixed", kind="host") == 6
    few = read(edited(("policy/host_slots", 2)))
    assert default_allowance(few, "fixed", level=None, licenses=0, kind="host") == 2


def test_licenses_alone_may_decide() -> None:
    """A program whose table says only `per_license` gives that many for each license, up to what a key can have."""
    catalog = read(edited(("programs/fixed/allowance", {"per_license": 1_000_000_000})))
    got = [default_allowance(catalog, "fixed", level=None, licenses=number, kind="mak") for number in (0, 1, 2)]
    assert got == [0, 1_000_000_000, 1_000_000_000]


def test_f23_batch_is_admitted_in_order_and_the_eleventh_is_refused() -> None:
    """A MAK of 10 activates ten computers in the order of their arrival and refuses the eleventh."""
    admission = admit(10, 0, asks=[f"K{number}" for number in range(11)], live=())
    assert admission.verdicts == (Verdict.NEW,) * 10 + (Verdict.EXHAUSTED,)
    assert admission.taken == 10


def test_f27_known_device_takes_nothing() -> None:
    """A device key with an activation on record, and a second request in one batch, take nothing."""
    admission = admit(3, 2, asks=["A", "B", "B", "C", "A"], live={"A"})
    assert admission.verdicts == (
        Verdict.COVERED,
        Verdict.NEW,
        Verdict.COVERED,
        Verdict.EXHAUSTED,
        Verdict.COVERED,
    )
    assert admission.taken == 1


@given(
    allowance=st.integers(0, 8),
    asks=st.lists(st.integers(0, 12), max_size=40),
    cuts=st.lists(st.integers(0, 40), max_size=4),
)
def test_allowance_is_never_passed_and_batches_change_nothing(allowance: int, asks: list[int], cuts: list[int]) -> None:
    """However requests are cut into batches, the same ones are admitted, and never more than the allowance."""
    whole = admit(allowance, 0, asks=asks, live=())
    edges = [0, *sorted(cuts), len(asks)]
    live: set[int] = set()
    verdicts: list[Verdict] = []
    used = 0
    for start, end in pairwise(edges):
        batch = asks[start:end]
        admission = admit(allowance, used, asks=batch, live=live)
        live |= {ask for ask, verdict in zip(batch, admission.verdicts, strict=True) if verdict is Verdict.NEW}
        used += admission.taken
        verdicts += admission.verdicts
    assert tuple(verdicts) == whole.verdicts
    assert used == whole.taken == min(allowance, len(set(asks)))


def test_allowance_below_what_was_used_takes_nothing_more() -> None:
    """A key whose allowance lies below what it has given activates nobody new."""
    assert admit(3, 5, asks=["A"], live=()).verdicts == (Verdict.EXHAUSTED,)


def test_f25_allowance_is_never_set_below_what_is_used() -> None:
    """An allowance may be raised or lowered down to what is used, and not below."""
    assert set_allowance(5, 5) is None
    assert set_allowance(5, 500) is None
    refusal = set_allowance(5, 4)
    assert code_of(refusal) == "allowance_below_used"
    assert refusal is not None
    assert refusal.fields == {"used": 5, "activations": 4}


@pytest.mark.parametrize(("activations", "code"), [(-1, "usage"), (0, None), (10**9, None), (10**9 + 1, "usage")])
def test_activations_have_a_range(activations: int, code: str | None) -> None:
    """A number of activations below 0 or above a thousand million is refused."""
    assert code_of(check_activations(activations)) == code


def test_exhausted_key_names_the_center() -> None:
    """The refusal of an exhausted key says how many it gave and which center to call."""
    center = reference().center_for("GB")
    assert center is not None
    refusal = exhausted(10, center)
    assert refusal.code == "mak_exhausted"
    assert refusal.fields == {"allowance": 10, "center": center.as_fields}
    assert refusal.detail == "the key has given all 10 activations; computers activated before keep their license"
    assert exhausted(1, None).detail.startswith("the key has given its one activation;")
    assert exhausted(1, None).fields["center"] is None
