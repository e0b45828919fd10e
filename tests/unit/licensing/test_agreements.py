"""Days, programs, levels, and which products an agreement gives keys for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.licensing.builders import code_of, edited, read, reference
from volact.licensing.agreements import check_entitled, check_program, day_of, is_day
from volact.licensing.catalog import Catalog

TODAY = "2026-11-24"
PRODUCTS = tuple(reference().products)
PER_PURCHASE = ("open-license", "open-value", "isv-royalty", "high-volume-messaging")
PER_POOL = (
    "enterprise-agreement",
    "select-license",
    "select-plus",
    "campus-agreement",
    "school-agreement",
    "spla",
)


def entitled(program: str, product: str, *bought: str) -> str | None:
    """The code with which keys of a product of the reference catalog are refused."""
    licenses = dict.fromkeys(bought, 1)
    return code_of(check_entitled(reference(), program, licenses=licenses, product=product))


def test_days_are_counted_in_utc() -> None:
    """The day of a time is the one in UTC, and a text is a day only if it exists and is written in full."""
    assert day_of(1_795_478_399) == "2026-11-23"
    assert day_of(1_795_478_400) == "2026-11-24"
    assert is_day("2028-02-29")
    assert not any(map(is_day, ("2026-02-29", "20261124", "2026-W01-1", "24.11.2026", "")))


@given(now=st.integers(0, 4_000_000_000), days=st.integers(0, 1000))
def test_days_follow_each_other(now: int, days: int) -> None:
    """A later time never has an earlier day, and every day is one."""
    assert day_of(now) <= day_of(now + days * 86_400)
    assert is_day(day_of(now))


def test_program_and_level_have_to_be_in_the_catalog() -> None:
    """A program that the catalog lacks and a level that the program lacks are refused."""
    catalog = reference()
    assert code_of(check_program(catalog, "lottery")) == "unknown_program"
    assert code_of(check_program(catalog, "select-plus", level="E")) == "unknown_level"
    assert check_program(catalog, "select-plus", level="D") is None
    assert check_program(catalog, "open-license", level="A") is None


def test_new_agreement_needs_a_level_where_amounts_depend_on_one() -> None:
    """A new agreement under a program with levels is refused without one, an older agreement is not."""
    catalog = reference()
    refusal = check_program(catalog, "select-plus", new=True)
    assert code_of(refusal) == "level_required"
    assert refusal is not None
    assert refusal.fields["levels"] == ["A", "B", "C", "D"]
    assert check_program(catalog, "select-plus", level="A", new=True) is None
    assert check_program(catalog, "open-license", new=True) is None
    assert check_program(catalog, "select-plus") is None


def test_retired_program_makes_no_new_agreement() -> None:
    """A program that is retired makes no agreement any more, and what was made under it goes on."""
    catalog = read(edited(("programs/plain/retired", True)))
    assert code_of(check_program(catalog, "plain", new=True)) == "entry_retired"
    assert check_program(catalog, "plain") is None
    assert code_of(check_program(catalog, "plain", level="E")) == "unknown_level"


@pytest.mark.parametrize("program", PER_POOL)
def test_f07_keys_per_pool(program: str) -> None:
    """One license of a pool gives keys for the whole pool, and for no other one."""
    assert entitled(program, "windows-8-pro", "windows-7-professional") is None
    assert entitled(program, "windows-server-2012-datacenter", "windows-7-professional") == "units_required"
    refusal = check_entitled(reference(), program, licenses={"windows-7-professional": 0}, product="windows-8-pro")
    assert refusal is not None
    assert refusal.fields == {"product": "windows-8-pro", "program": program, "pool": "systems"}


@pytest.mark.parametrize("program", PER_PURCHASE)
def test_f07_keys_per_purchase(program: str) -> None:
    """A license gives keys for its product and for what that may be downgraded to, and for nothing else."""
    assert entitled(program, "windows-8-pro", "windows-8-pro") is None
    assert entitled(program, "windows-7-professional", "windows-8-pro") is None
    assert entitled(program, "windows-8-enterprise", "windows-8-pro") == "units_required"
    assert entitled(program, "windows-8-pro", "windows-7-professional") == "units_required"
    refusal = check_entitled(reference(), program, licenses={}, product="office-2010")
    assert refusal is not None
    assert refusal.fields == {"product": "office-2010", "program": program}


def test_f09_open_customer_needs_one_unit_of_the_very_product() -> None:
    """An Open customer that reimages needs one license of that product for its key."""
    assert entitled("open-license", "windows-7-professional") == "units_required"
    assert entitled("open-license", "windows-7-professional", "windows-7-professional") is None


def test_f40_client_access_goes_with_what_it_belongs_to() -> None:
    """Small Business Server 2011 and 2008, downgraded to 2003, give keys for its client access licenses too."""
    for bought in ("sbs-2011-standard", "sbs-2008-standard", "sbs-2003-standard"):
        assert entitled("open-license", "sbs-2003-cal", bought) is None
    assert entitled("open-license", "sbs-2003-cal", "sbs-2008-cal") == "units_required"


def test_program_of_all_keys_asks_for_no_purchase() -> None:
    """A program that gives all keys gives them without a license."""
    catalog = read(edited())
    assert check_entitled(catalog, "plain", licenses={}, product="suite-1") is None


@given(
    program=st.sampled_from((*PER_POOL, *PER_PURCHASE)),
    licenses=st.dictionaries(st.sampled_from((*PRODUCTS, "gone-1")), st.integers(0, 3), max_size=4),
    product=st.sampled_from(PRODUCTS),
)
def test_entitlement_is_its_definition(program: str, licenses: dict[str, int], product: str) -> None:
    """Whatever was purchased, keys are given exactly for what the program's words say."""
    catalog = reference()
    owned = [name for name, number in licenses.items() if number and name in catalog.products]
    allowed = any(_gives(catalog, program, name, product=product) for name in owned)
    assert (check_entitled(catalog, program, licenses=licenses, product=product) is None) == allowed


def _gives(catalog: Catalog, program: str, owned: str, *, product: str) -> bool:
    if catalog.programs[program].keys == "pool":
        return catalog.group_of(owned).pool == catalog.group_of(product).pool
    usable = (owned, *catalog.products[owned].downgrades)
    return product in usable or any(catalog.products[each].client_access == product for each in usable)


@given(
    licenses=st.dictionaries(st.sampled_from(PRODUCTS), st.integers(0, 2), max_size=4), more=st.sampled_from(PRODUCTS)
)
def test_more_licenses_never_take_a_key_away(licenses: dict[str, int], more: str) -> None:
    """A further license takes no claim away."""
    for program in ("select-plus", "open-value"):
        for product in PRODUCTS:
            if check_entitled(reference(), program, licenses=licenses, product=product) is None:
                assert check_entitled(reference(), program, licenses=licenses | {more: 1}, product=product) is None
