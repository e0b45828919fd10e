"""Which keys may be given, in which days, and which may be installed where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.licensing.builders import code_of, demo, read, reference, small
from volact.errors import Refusal
from volact.licensing.agreements import check_dates, check_program, day_of, is_day
from volact.licensing.keys import Offer, check_host_key, check_install, check_issue, products_for

TODAY = "2026-11-24"


def issued(product: str, kind: str, *, dates: tuple[str | None, str | None] = (None, None)) -> Offer | Refusal:
    """What asking for a key of the small catalog is answered."""
    return check_issue(read(small()), product, kind=kind, valid_from=dates[0], valid_until=dates[1], today=TODAY)


def installed(product: str, kind: str, *, number: int | None = 102, channel: str = "volume") -> str | None:
    """The code with which installing a key on a computer of the reference catalog is refused."""
    return code_of(check_install(reference(), kind, number=number, product=product, channel=channel))


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


def test_kinds_that_this_version_does_not_issue_are_refused() -> None:
    """A catalog may name setup, trial and client access keys, but none is issued yet."""
    answer = check_issue(reference(), "sbs-2003-cal", kind="cal", valid_from=None, valid_until=None, today=TODAY)
    assert isinstance(answer, Refusal)
    assert answer.code == "kind_not_offered"
    assert answer.detail.endswith("no key is given for it here")
    assert answer.fields["kinds"] == []


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


def test_f22_host_key_is_refused_on_a_client() -> None:
    """A host key on a computer that is no host is `key_wrong_kind`, in every channel."""
    for channel in ("volume", "retail", "oem"):
        assert installed("windows-7-professional", "host", channel=channel) == "key_wrong_kind"


def test_keys_of_other_kinds_are_refused_on_a_client() -> None:
    """A client access or setup key activates nothing on a computer and is `key_wrong_kind`."""
    for kind in ("cal", "setup", "oem", "trial"):
        assert installed("windows-7-professional", kind) == "key_wrong_kind"


def test_f19_mak_is_for_one_product_group_only() -> None:
    """A MAK of another product group is `key_wrong_product`, also of one that its host key would serve."""
    assert installed("windows-7-professional", "mak") is None
    assert installed("windows-7-enterprise", "mak") is None
    assert installed("windows-vista-business", "mak") == "key_wrong_product"
    assert installed("project-2010", "mak", number=301) == "key_wrong_product"
    assert installed("project-2010", "mak", number=302) is None


def test_key_of_a_group_or_kind_that_the_product_lacks_is_refused() -> None:
    """A key of a group that the catalog lacks, or of a kind that the product does not offer, is `key_wrong_product`."""
    assert installed("windows-7-professional", "mak", number=999) == "key_wrong_product"
    assert installed("windows-7-enterprise", "retail", channel="retail") == "key_wrong_product"
    assert installed("unheard-of", "mak") == "unknown_product"


@pytest.mark.parametrize(
    ("kind", "channel", "code"),
    [
        ("mak", "volume", None),
        ("mak", "retail", "wrong_channel"),
        ("mak", "oem", "wrong_channel"),
        ("generic", "volume", None),
        ("generic", "retail", "wrong_channel"),
        ("retail", "volume", "wrong_channel"),
        ("retail", "retail", None),
        ("retail", "oem", None),
    ],
)
def test_f46_volume_keys_serve_volume_editions_only(kind: str, channel: str, code: str | None) -> None:
    """Volume keys are refused on retail and OEM installations, and retail keys on volume ones, as `wrong_channel`."""
    assert installed("windows-7-professional", kind, channel=channel) == code


def test_f46_refusal_names_the_way_out() -> None:
    """A refusal for the channel says what to install or use instead."""
    answer = check_install(reference(), "mak", number=102, product="windows-7-professional", channel="oem")
    assert answer is not None
    assert "install the volume edition, or use the oem product's own key" in answer.detail


def test_f37_client_is_turned_back_without_a_key() -> None:
    """A volume installation is turned back into a client of a host without a key, and by a generic key of any offer."""
    assert installed("windows-7-professional", "generic", number=None) is None
    assert installed("sbs-2011-standard", "generic", number=401) is None
    assert installed("windows-7-professional", "generic", number=None, channel="retail") == "wrong_channel"


def test_host_takes_host_keys_only() -> None:
    """A host takes host keys only, and asks for a newer catalog where it does not know the key's group."""
    group = check_host_key(reference(), "host", number=102)
    assert not isinstance(group, Refusal)
    assert group.id == "windows-7"
    assert code_of(check_host_key(reference(), "mak", number=102)) == "key_wrong_kind"
    assert code_of(check_host_key(reference(), "host", number=999)) == "host_update_required"


def test_products_that_a_key_can_be_installed_for() -> None:
    """A key's number and kind tell the products that it can be installed for."""
    assert products_for(reference(), "mak", number=102) == ("windows-7-professional", "windows-7-enterprise")
    assert products_for(reference(), "retail", number=102) == ("windows-7-professional",)
    assert products_for(reference(), "host", number=102) == ()
    assert products_for(demo(), "mak", number=999) == ()


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
    """A program that the catalog lacks and a level that the program lacks are refused; a level is not asked for."""
    catalog = reference()
    assert code_of(check_program(catalog, "lottery")) == "unknown_program"
    assert code_of(check_program(catalog, "select-plus", level="E")) == "unknown_level"
    assert check_program(catalog, "select-plus", level="D") is None
    assert check_program(catalog, "select-plus") is None
    assert check_program(catalog, "open-license", level="A") is None
