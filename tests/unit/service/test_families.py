"""Parents and affiliates: who may use whose keys, and who sees them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.service.conftest import Office
from volact.errors import Refused
from volact.service.ledger import audit
from volact.service.ledger import customers as rows
from volact.service.usecases.customers import Terms, add_agreement, add_organization, set_organization
from volact.service.usecases.families import in_family, stop_using, use_keys
from volact.service.usecases.keys import Order, issue
from volact.service.usecases.showing import agreement_sheet, summary


def add(office: Office, name: str, parent: str | None = None) -> str:
    """A new organization."""
    return add_organization(office.service, name, parent=parent, country=None, act=office.act)


def agreed(office: Office, organization: str) -> str:
    """Its new agreement."""
    terms = Terms(program="open-license", licenses={"office-2010": 1})
    return add_agreement(office.service, organization, terms=terms, act=office.act)


def seen(office: Office, organization: str) -> list[tuple[str, bool]]:
    """The Licensing IDs of its summary, and whether each is there by grant."""
    return [(each.agreement.licensing_id, each.by_grant) for each in summary(office.service, organization)]


def code_of(office: Office, organization: str, licensing_id: str) -> str:
    """The code with which using the keys is refused."""
    with pytest.raises(Refused) as caught:
        use_keys(office.service, organization, licensing_id=licensing_id, act=office.act)
    return caught.value.code


def test_f10_family_uses_the_keys_of_one_by_choice(office: Office) -> None:
    """Parent and sibling may use the keys of a child once that is recorded, and nobody else sees them."""
    top = add(office, "top")
    left, right = add(office, "left", top), add(office, "right", top)
    stranger = add(office, "stranger")
    held = agreed(office, left)
    assert seen(office, right) == seen(office, top) == []
    for user in (top, right):
        use_keys(office.service, user, licensing_id=held, act=office.act)
    assert seen(office, left) == [(held, False)]
    assert seen(office, right) == seen(office, top) == [(held, True)]
    assert seen(office, stranger) == []
    assert agreement_sheet(office.service, held).used_by == tuple(sorted((top, right)))


def test_f10_strangers_and_holders_are_refused(office: Office) -> None:
    """Keys are shared in a family only, and their holder needs no permission."""
    top, stranger = add(office, "top"), add(office, "stranger")
    child = add(office, "child", top)
    held = agreed(office, child)
    assert code_of(office, stranger, held) == "not_in_family"
    assert code_of(office, child, held) == "usage"
    assert code_of(office, "O-NONE", held) == "unknown_organization"
    assert code_of(office, top, "L-NONE") == "unknown_agreement"
    assert seen(office, stranger) == []


def test_f10_choice_ends_with_the_family_or_by_choice(office: Office) -> None:
    """Who leaves the family sees nothing of it, sees it again when it comes back, and no more once it is taken back."""
    top = add(office, "top")
    child = add(office, "child", top)
    held = agreed(office, top)
    use_keys(office.service, child, licensing_id=held, act=office.act)
    set_organization(office.service, child, parent="", country=None, act=office.act)
    assert seen(office, child) == []
    assert agreement_sheet(office.service, held).used_by == ()
    set_organization(office.service, child, parent=top, country=None, act=office.act)
    assert seen(office, child) == [(held, True)]
    for _ in range(2):
        stop_using(office.service, child, licensing_id=held, act=office.act)
    assert seen(office, child) == []
    with pytest.raises(Refused) as caught:
        stop_using(office.service, top, licensing_id=held, act=office.act)
    assert caught.value.code == "usage"


def test_f10_choice_is_on_record_once(office: Office) -> None:
    """Each choice that changes something stands in the record of the Licensing ID, by whom and for whom."""
    top = add(office, "top")
    child = add(office, "child", top)
    held = agreed(office, top)
    for act in (use_keys, use_keys, stop_using, stop_using):
        act(office.service, child, licensing_id=held, act=office.act)
    acts = [(row.who, row.act) for row in audit.history(office.service.ledger, held)][1:]
    assert acts == [("kari", "keys may be used"), ("kari", "keys may not be used any more")]


def test_f10_keys_are_issued_by_the_licenses_of_their_own_licensing_id(office: Office) -> None:
    """A permission to use keys adds nothing to what a Licensing ID was given licenses for."""
    top = add(office, "top")
    child = add(office, "child", top)
    held = agreed(office, top)
    own = add_agreement(office.service, child, terms=Terms(program="open-license"), act=office.act)
    use_keys(office.service, child, licensing_id=held, act=office.act)
    with pytest.raises(Refused) as caught:
        issue(office.service, Order(licensing_id=own, product="office-2010", kind="mak"), act=office.act)
    assert caught.value.code == "units_required"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(parents=st.lists(st.integers(-1, 8), min_size=2, max_size=8))
def test_family_is_whoever_has_the_same_topmost_parent(office: Office, parents: list[int]) -> None:
    """Two organizations are a family exactly if walking up from both ends at the same one."""
    made: list[str] = []
    above: dict[str, str | None] = {}
    for number in parents:
        parent = made[number] if 0 <= number < len(made) else None
        made.append(add(office, "some", parent))
        above[made[-1]] = parent

    def top(organization: str) -> str:
        parent = above[organization]
        return organization if parent is None else top(parent)

    assert [rows.topmost(office.service.ledger, each) for each in made] == [top(each) for each in made]
    for one in made:
        for other in made:
            assert in_family(office.service, one, other=other) == (top(one) == top(other))
