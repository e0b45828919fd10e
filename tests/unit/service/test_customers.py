from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.unit.service.conftest import Office
from volact.errors import Refused
from volact.licensing.catalog import Catalog
from volact.service.ledger import customers as rows
from volact.service.ledger.rows import AgreementRow
from volact.service.usecases.catalogs import publish
from volact.service.usecases.customers import (
    Change,
    Terms,
    add_agreement,
    add_organization,
    known_agreement,
    set_agreement,
    set_organization,
)
from volact.service.usecases.keys import Order, change_allowance, issue
from volact.service.usecases.names import draw_id
from volact.service.usecases.showing import agreement_sheet, summary


def add(office: Office, name: str, parent: str | None = None) -> str:
    """A new organization."""
    return add_organization(office.service, name, parent=parent, country=None, act=office.act)


def test_an_organization_has_a_parent_and_a_country(office: Office) -> None:
    """An organization keeps name, parent and country, and an empty text takes parent or country off."""
    group = add(office, "Nordlys Group")
    child = add_organization(office.service, " Nordlys Energi ", parent=group, country="no", act=office.act)
    row = rows.organization(office.service.ledger, child)
    assert row is not None
    assert (row.name, row.parent, row.country) == ("Nordlys Energi", group, "NO")
    bare = set_organization(office.service, child, parent="", country="", act=office.act)
    assert (bare.parent, bare.country) == (None, None)
    assert set_organization(office.service, child, parent=None, country="SE", act=office.act).country == "SE"


def test_no_organization_is_above_itself(office: Office) -> None:
    """A parent that is the organization itself, or any of its affiliates, is organization_cycle."""
    top = add(office, "top")
    middle = add(office, "middle", top)
    low = add(office, "low", middle)
    for parent in (top, middle, low):
        with pytest.raises(Refused) as caught:
            set_organization(office.service, top, parent=parent, country=None, act=office.act)
        assert caught.value.code == "organization_cycle"
    assert set_organization(office.service, low, parent=top, country=None, act=office.act).parent == top


@pytest.mark.parametrize(("name", "country"), [("", None), ("a\tb", None), ("Nordlys", "NOR"), ("Nordlys", "1")])
def test_what_nobody_could_read_is_refused(office: Office, name: str, country: str | None) -> None:
    """An empty or unprintable name, and a country that is not two letters, are wrong usage."""
    with pytest.raises(Refused) as caught:
        add_organization(office.service, name, parent=None, country=country, act=office.act)
    assert caught.value.code == "usage"


def test_an_agreement_shows_what_was_agreed(office: Office) -> None:
    """An agreement shows program, level, days and licenses, and no key before one is issued."""
    organization = add(office, "Nordlys Energi")
    terms = Terms(
        program="select-plus", level="B", licenses={"office-2010": 3}, valid_from="2026-01-01", valid_until="2028-12-31"
    )
    licensing_id = add_agreement(office.service, organization, terms=terms, act=office.act)
    sheet = agreement_sheet(office.service, licensing_id)
    row = sheet.agreement
    assert (row.program, row.level, row.licenses) == ("select-plus", "B", {"office-2010": 3})
    assert (row.valid_from, row.valid_until, sheet.keys) == ("2026-01-01", "2028-12-31", ())
    assert [each.agreement.licensing_id for each in summary(office.service, organization)] == [licensing_id]


def test_licenses_are_set_and_not_added(office: Office) -> None:
    """A number of licenses replaces the one before, and zero takes the product off."""
    licensing_id = office.agreement(licenses={"office-2010": 3, "visio-2010": 1})
    change = Change(licenses={"office-2010": 5, "visio-2010": 0}, valid_until="2030-01-01")
    after = set_agreement(office.service, licensing_id, change=change, act=office.act)
    assert (after.licenses, after.valid_until) == ({"office-2010": 5}, "2030-01-01")
    assert set_agreement(office.service, licensing_id, change=Change(), act=office.act) == after


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"program": "nope"}, "unknown_program"),
        ({"program": "select-plus", "level": "Z"}, "unknown_level"),
        ({"program": "select-plus"}, "level_required"),
        ({"licenses": {"nope": 1}}, "unknown_product"),
        ({"licenses": {"office-2010": -1}}, "usage"),
        ({"licenses": {"office-2010": 2**40}}, "usage"),
        ({"valid_from": "2026-13-01"}, "usage"),
        ({"valid_until": "24.11.2026"}, "usage"),
        ({"valid_from": "2027-01-02", "valid_until": "2027-01-01"}, "usage"),
    ],
)
def test_terms_that_cannot_be_are_refused(office: Office, terms: dict[str, object], code: str) -> None:
    """An agreement of an unknown program, level or product, or with days that cannot be, is not recorded."""
    organization = add(office, "Nordlys Energi")
    given: dict[str, object] = {"program": "open-license"} | terms
    with pytest.raises(Refused) as caught:
        add_agreement(office.service, organization, terms=Terms(**given), act=office.act)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert summary(office.service, organization) == ()


def test_retired_entries_go_on_and_give_nothing_new(office: Office, reference: Catalog) -> None:
    """Of what is retired no agreement, license or key is added, and what was agreed before can still be changed."""
    licensing_id = office.agreement(licenses={"office-2010": 5})
    issued = issue(office.service, Order(licensing_id=licensing_id, product="office-2010", kind="mak"), act=office.act)
    product = replace(reference.products["office-2010"], retired=True)
    program = replace(reference.programs["open-license"], retired=True)
    catalog = replace(
        reference,
        products={**reference.products, product.id: product},
        programs={**reference.programs, program.id: program},
    )
    publish(office.service, catalog, act=office.act)

    def code(act: Callable[[], object]) -> str:
        with pytest.raises(Refused) as caught:
            act()
        return caught.value.code

    def change(number: int) -> AgreementRow:
        asked = Change(licenses={"office-2010": number}, valid_until="2030-01-01")
        return set_agreement(office.service, licensing_id, change=asked, act=office.act)

    assert code(lambda: office.agreement(licenses={})) == "entry_retired"
    assert code(lambda: office.agreement(program="spla", level="A", licenses={"office-2010": 1})) == "entry_retired"
    assert code(lambda: change(6)) == "entry_retired"
    assert [change(number).licenses for number in (5, 4)] == [{"office-2010": 5}, {"office-2010": 4}]
    order = Order(licensing_id=licensing_id, product="office-2010", kind="mak")
    assert code(lambda: issue(office.service, order, act=office.act)) == "entry_retired"
    raised = change_allowance(
        office.service, issued[0].row.keyid, activations=60, reason="still in use", act=office.act
    )
    assert (raised.allowance, raised.state) == (60, "active")
    assert agreement_sheet(office.service, licensing_id).program.retired


def test_an_empty_text_is_no_level_and_no_day(office: Office) -> None:
    """An empty level or last day is refused as any other wrong one is, and changes nothing."""
    licensing_id = office.agreement(level="A", valid_until="2030-01-01")
    before = known_agreement(office.service, licensing_id)
    for change, code in ((Change(level=""), "unknown_level"), (Change(valid_until=""), "usage")):
        with pytest.raises(Refused) as caught:
            set_agreement(office.service, licensing_id, change=change, act=office.act)
        assert caught.value.code == code
    assert known_agreement(office.service, licensing_id) == before


def test_f08_rights_stand_in_the_agreement(office: Office) -> None:
    """Every agreement has reimaging and downgrade, and those of Select evaluation, training and backup copies too."""
    shown = [
        agreement_sheet(office.service, office.agreement(program=program, level=level)).program.right_numbers
        for program, level in (("open-license", None), ("select-plus", "A"))
    ]
    assert shown[0] == {"reimaging": None, "downgrade": None}
    assert shown[1] == {"reimaging": None, "downgrade": None, "evaluation": None, "training": 20, "backup": 1}


def test_unknown_ids_have_codes_of_their_own(office: Office) -> None:
    """An unknown organization and an unknown Licensing ID are told apart by their codes."""
    with pytest.raises(Refused, match="O-NONE") as caught:
        add_agreement(office.service, "O-NONE", terms=Terms(program="open-license"), act=office.act)
    assert caught.value.code == "unknown_organization"
    with pytest.raises(Refused) as caught:
        known_agreement(office.service, "L-NONE")
    assert caught.value.code == "unknown_agreement"


@given(draws=st.lists(st.binary(min_size=5, max_size=5), min_size=3, max_size=9, unique=True))
def test_a_drawn_id_is_not_taken(draws: list[bytes]) -> None:
    """An id that is taken is drawn again, until one is free."""
    given, seen = iter(draws), set[str]()

    def taken(text: str) -> bool:
        seen.add(text)
        return len(seen) < len(draws)

    found = draw_id(lambda size: next(given)[:size], "L", taken=taken)
    assert len(seen) == len(draws)
    assert found.startswith("L-")
    assert len(found) == 11
