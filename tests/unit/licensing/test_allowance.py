"""How many activations a key gets, and counting them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.licensing.builders import code_of, edited, read, reference, small
from volact.licensing.allowance import (
    Rollout,
    Verdict,
    admit,
    check_activations,
    check_counted,
    check_rollout,
    default_allowance,
    exhausted,
    explain,
    licenses_of,
    set_allowance,
)
from volact.licensing.catalog import KINDS, Catalog


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
    assert [given_to("fixed", kind=kind) for kind in ("trial", "cal", "setup", "oem")] == [1, 1, 0, 0]
    few = read(edited(("policy/host_slots", 2)))
    assert default_allowance(few, "fixed", level=None, licenses=0, kind="host") == 2


def test_licenses_alone_may_decide() -> None:
    """A program whose table says only `per_license` gives that many for each license, up to what a key can have."""
    catalog = read(edited(("programs/fixed/allowance", {"per_license": 1_000_000_000})))
    got = [default_allowance(catalog, "fixed", level=None, licenses=number, kind="mak") for number in (0, 1, 2)]
    assert got == [0, 1_000_000_000, 1_000_000_000]


def because(program: str, *, level: str | None = None, **licenses: int) -> tuple[int, str]:
    """The number and the reasons for a key of `office-2010`, licenses written with underscores."""
    named = {name.replace("_", "-"): number for name, number in licenses.items()}
    grounds = explain(reference(), program, level=level, licenses=named, product="office-2010")
    return grounds.activations, " ".join(map(str, grounds.because))


def test_f28_because_says_program_licenses_line_and_source() -> None:
    """The reasons name program, number of licenses, line of the table, whose figure it is, and why there is room."""
    number, reasons = because("open-license", office_2010=25, visio_2010=400)
    assert number == 50
    assert reasons == (
        "The agreement is made under Open License. "
        "Under this Licensing ID, 25 licenses of the product group Office 2010 were purchased. "
        "Up to 25 licenses of the product group, a key gets 50 activations. "
        "Whose figure that is: FAQ. "
        "That is more than the licenses, so that reactivations and virtual computers have room."
    )
    number, reasons = because("open-license", office_2010=26)
    assert number == 52
    assert "Above 25 licenses, each license gives 2 activations, which makes 52. Whose figure that is: ours." in reasons


def test_f28_because_says_the_level() -> None:
    """Where the amount depends on the price level, the reasons name it."""
    number, reasons = because("select-plus", level="C", office_2010=1)
    assert number == 250
    assert "Its price level is C. Under this Licensing ID, 1 license of the product group Office 2010 was" in reasons
    assert "At level C, a key gets 250 activations." in reasons
    number, reasons = because("select-plus")
    assert number == 50
    assert "No price level is on record of it." in reasons
    assert "gets the least of it, 50." in reasons


def test_because_of_tables_that_say_less() -> None:
    """A fixed number, one for each license and no number at all are said as such; a missing source is said too."""
    small_catalog = read(edited(("programs/level/allowance", {"per_license": 1})))

    def said(program: str) -> tuple[str, ...]:
        grounds = explain(small_catalog, program, level=None, licenses={"suite-1": 9}, product="suite-1")
        return tuple(map(str, grounds.because[2:]))

    assert said("fixed") == ("Each key gets 7 activations.", "The catalog does not say whose it is.")
    assert said("level")[0] == "Each license gives 1 activation, which makes 9."
    assert said("plain")[:2] == ("The program names no number, and a key then gets 50.", "Whose figure that is: ours.")


def test_f28_licenses_of_a_group_count_together() -> None:
    """Licenses are counted by product group, whichever of its products they are of."""
    licenses = {"windows-7-professional": 20, "windows-7-enterprise": 10, "windows-8-pro": 5}
    assert licenses_of(reference(), licenses, group="windows-7") == 30


@given(
    licenses=st.integers(0, 10**6), more=st.integers(0, 10**6), program=st.sampled_from(sorted(reference().programs))
)
def test_f28_more_licenses_never_give_fewer_activations(licenses: int, more: int, program: str) -> None:
    """Under every program of the reference catalog, more licenses never give a smaller allowance."""
    less, greater = (
        default_allowance(reference(), program, level="B", licenses=number, kind="mak")
        for number in (licenses, licenses + more)
    )
    assert less <= greater


def banded(bands: list[tuple[int, int]], per_license: int) -> Catalog:
    """A catalog whose program `bands` has these bands."""
    listed = [{"up_to": up_to, "activations": activations} for up_to, activations in bands]
    return read(edited(("programs/bands/allowance", {"bands": listed, "per_license": per_license})))


@given(
    bands=st.dictionaries(st.integers(1, 60), st.integers(0, 99), min_size=1, max_size=4),
    per_license=st.integers(0, 5),
    licenses=st.integers(0, 80),
)
def test_allowance_is_the_band_of_the_licenses(bands: dict[int, int], per_license: int, licenses: int) -> None:
    """The first band that holds the licenses decides, above all of them each license does, and it is explained so."""
    catalog = banded(sorted(bands.items()), per_license)
    holding = [up_to for up_to in sorted(bands) if licenses <= up_to]
    expected = bands[holding[0]] if holding else per_license * licenses
    assert default_allowance(catalog, "bands", level=None, licenses=licenses, kind="mak") == expected
    told = explain(catalog, "bands", level=None, licenses={"suite-1": licenses}, product="suite-1")
    assert told.activations == expected


def test_f29_rollout_says_how_many_to_ask_for() -> None:
    """With 120 computers and 87 activations left, 33 are to be asked for; what suffices asks for nothing."""
    assert check_rollout(87, 120) == Rollout(87, False, 33)
    assert check_rollout(120, 120) == Rollout(120, True, 0)
    assert [code_of(check_rollout(5, number)) for number in (0, -3, 10**9 + 1)] == ["usage"] * 3


@given(remaining=st.integers(0, 10**6), computers=st.integers(1, 10**6))
def test_f29_what_is_asked_for_is_exactly_what_is_missing(remaining: int, computers: int) -> None:
    """With what is asked for a roll-out suffices, with one less it does not."""
    rollout = check_rollout(remaining, computers)
    assert isinstance(rollout, Rollout)
    assert rollout.enough == (rollout.ask_for == 0)
    again = check_rollout(remaining + rollout.ask_for, computers)
    assert isinstance(again, Rollout)
    assert again.enough
    assert rollout.ask_for in (0, computers - remaining)


def test_kinds_that_count_nothing_have_no_number() -> None:
    """A number of activations is refused for the kinds that activate offline, and for no other one."""
    assert [kind for kind in KINDS if check_counted(kind)] == ["oem", "setup"]


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
