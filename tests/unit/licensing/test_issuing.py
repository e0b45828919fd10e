"""Which keys may be given for which product, under which agreement, in which days."""

from __future__ import annotations

import pytest

from tests.unit.licensing.builders import code_of, edited, read, reference, small
from volact.errors import Refusal
from volact.licensing.agreements import check_dates
from volact.licensing.catalog import KINDS
from volact.licensing.issuing import Holding, Offer, check_issue, check_shown, offered_kinds

TODAY = "2026-11-24"


def issued(product: str, kind: str, *, dates: tuple[str | None, str | None] = (None, None)) -> Offer | Refusal:
    """What asking for a key of the small catalog is answered."""
    holding = Holding(program="plain", valid_from=dates[0], valid_until=dates[1])
    return check_issue(read(small()), product, kind=kind, holding=holding, today=TODAY)


def of_reference(product: str, kind: str, *, on_media: bool = False, **holding: object) -> Offer | Refusal:
    """What asking for a key of the reference catalog is answered, under an agreement that bought the product."""
    given: dict[str, object] = {"program": "open-license", "licenses": {product: 1}} | holding
    under = Holding(**given)  # type: ignore[arg-type]
    return check_issue(reference(), product, kind=kind, holding=under, today=TODAY, on_media=on_media)


def test_f01_key_is_made_for_the_product_group() -> None:
    """A MAK or retail key is made for the product's own group, a host key for the group that has host keys."""
    for product, kind, group in (
        ("suite-1", "mak", "suite"),
        ("suite-1", "retail", "suite"),
        ("plugin-1", "mak", "plugin"),
        ("plugin-1", "host", "suite"),
    ):
        offer = issued(product, kind)
        assert isinstance(offer, Offer)
        assert (offer.group.id, offer.kind) == (group, kind)


@pytest.mark.parametrize(
    ("product", "kind", "code"),
    [
        ("suite-9", "mak", "unknown_product"),
        ("plugin-1", "retail", "kind_not_offered"),
        ("sampler-2", "host", "kind_not_offered"),
        ("sampler-2", "setup", "kind_not_offered"),
        ("suite-1", "generic", "kind_not_offered"),
    ],
)
def test_kind_that_is_not_offered_is_refused(product: str, kind: str, code: str) -> None:
    """A kind that the catalog does not offer for a product, or an unknown product, is refused."""
    assert code_of(issued(product, kind)) == code


@pytest.mark.parametrize(
    ("product", "kind"),
    [
        ("windows-7-professional", "retail"),
        ("windows-7-professional", "oem"),
        ("office-2010", "trial"),
        ("windows-xp-professional", "setup"),
        ("sbs-2003-cal", "cal"),
    ],
)
def test_every_kind_that_the_catalog_offers_is_given(product: str, kind: str) -> None:
    """Retail, OEM, trial, setup and client access keys are given like any other, for the product's own group."""
    offer = of_reference(product, kind)
    assert isinstance(offer, Offer)
    assert (offer.group.id, offer.kind) == (reference().products[product].group, kind)


def test_f40_key_that_comes_on_the_media_is_given_nowhere_else() -> None:
    """A setup key that is printed on the media is refused in words that say so, and is made for the media alone."""
    refusal = of_reference("sbs-2008-standard", "setup")
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.fields["kinds"], refusal.fields["key_on_media"]) == ("kind_not_offered", [], True)
    assert "comes on its media" in refusal.detail
    assert isinstance(of_reference("sbs-2008-standard", "setup", on_media=True), Offer)
    mak = of_reference("sbs-2008-standard", "mak", on_media=True)
    assert isinstance(mak, Refusal)
    assert mak.detail.endswith("no key is given for it")


def test_refusal_of_a_kind_lists_what_is_offered() -> None:
    """A refused kind names those that the product has."""
    refusal = issued("suite-1", "trial")
    assert isinstance(refusal, Refusal)
    assert refusal.fields["kinds"] == ["mak", "host", "retail"]
    assert refusal.detail.endswith("offered are: mak, host, retail")
    assert offered_kinds(reference().products["sbs-2003-standard"]) == ("setup",)


def test_f07_what_was_not_purchased_has_no_key() -> None:
    """A product that nothing purchased gives a claim to is `units_required`, of whatever kind its keys are."""
    for kind in ("mak", "host", "retail"):
        assert code_of(of_reference("windows-7-professional", kind, licenses={"office-2010": 9})) == "units_required"


def test_order_in_which_an_issue_is_refused() -> None:
    """Product, kind, retirement, purchase and days are judged in this order."""
    catalog = read(edited(("products/suite-1/retired", True), ("programs/plain/keys", "purchase")))
    late = Holding(program="plain", valid_until="2020-01-01")

    def code(product: str, kind: str, holding: Holding = late) -> str | None:
        return code_of(check_issue(catalog, product, kind=kind, holding=holding, today=TODAY))

    assert code("suite-9", "cal") == "unknown_product"
    assert code("suite-1", "cal") == "kind_not_offered"
    assert code("suite-1", "mak") == "entry_retired"
    assert code("sampler-2", "mak") == "units_required"
    bought = Holding(program="plain", licenses={"sampler-2": 1, "suite-1": 1}, valid_until="2020-01-01")
    assert code("sampler-2", "mak", bought) == "agreement_ended"
    assert code("suite-1", "mak", bought) == "entry_retired"
    assert all(kind in KINDS for kind in catalog.products["suite-1"].kinds)


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "code"),
    [
        ("2026-11-24", "2026-11-24", None),
        ("2026-11-25", None, "agreement_not_started"),
        (None, "2026-11-23", "agreement_ended"),
        ("2025-01-01", "2027-12-31", None),
        (None, None, None),
    ],
)
def test_f30_no_keys_before_the_first_day_and_after_the_last(
    valid_from: str | None, valid_until: str | None, code: str | None
) -> None:
    """Keys are given from an agreement's first day to its last, both included, for MAK and host alike."""
    for kind in ("mak", "host"):
        assert code_of(issued("suite-1", kind, dates=(valid_from, valid_until))) == code
    assert code_of(check_dates(valid_from, valid_until, today=TODAY)) == code


def test_kind_is_judged_before_the_dates() -> None:
    """A kind that is not offered is told as that also under an agreement that has ended."""
    assert code_of(issued("sampler-2", "host", dates=(None, "2020-01-01"))) == "kind_not_offered"


def test_f11_keys_of_a_program_that_shows_none_are_shown_on_no_face() -> None:
    """A key under such a program, and one that lies on the media (F40), are shown nowhere; what is unknown now is."""
    catalog = reference()
    by_program = {
        program.id: check_shown(catalog, "windows-7-enterprise", kind="mak", program=program.id)
        for program in catalog.programs.values()
    }
    hidden = {name for name, refusal in by_program.items() if refusal is not None}
    assert hidden == {"isv-royalty", "high-volume-messaging"}
    assert code_of(check_shown(catalog, "sbs-2008-standard", kind="setup", program="select-plus")) == "key_not_shown"
    assert check_shown(catalog, "gone", kind="mak", program="gone-too") is None
