"""Which keys may be installed where."""

from __future__ import annotations

import pytest

from tests.unit.licensing.builders import code_of, demo, reference
from volact.errors import Refusal
from volact.licensing.keys import check_host_key, check_install, products_for


def installed(product: str, kind: str, *, number: int | None = 102, channel: str = "volume") -> str | None:
    """The code with which installing a key on a computer of the reference catalog is refused."""
    return code_of(check_install(reference(), kind, number=number, product=product, channel=channel))


def test_f22_host_key_is_refused_on_a_client() -> None:
    """A host key on a computer that is no host is `key_wrong_kind`, in every channel."""
    for channel in ("volume", "retail", "oem"):
        assert installed("windows-7-professional", "host", channel=channel) == "key_wrong_kind"


def test_kinds_that_a_product_is_not_offered_with_are_refused_on_a_client() -> None:
    """A key of a kind that the catalog does not offer for the product is `key_wrong_product`."""
    for kind in ("cal", "setup"):
        assert installed("windows-7-professional", kind) == "key_wrong_product"
    assert installed("windows-vista-business", "oem", number=101, channel="oem") is None
    assert installed("windows-vista-business", "trial", number=101) == "key_wrong_product"


def test_f02_setup_key_is_for_products_that_need_one() -> None:
    """A setup key is taken by a product that needs one, from volume media."""
    assert installed("windows-xp-professional", "setup", number=501) is None
    assert installed("windows-xp-professional", "setup", number=501, channel="oem") == "wrong_channel"
    assert installed("windows-xp-professional", "mak", number=501) == "key_wrong_product"


def test_f40_client_access_key_is_for_the_product_of_the_licenses() -> None:
    """A client access key is taken by the product that stands for the licenses, and by no other."""
    assert installed("sbs-2003-cal", "cal", number=405) is None
    assert installed("sbs-2003-standard", "cal", number=405) == "key_wrong_product"


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
        ("retail", "oem", "wrong_channel"),
        ("oem", "volume", "wrong_channel"),
        ("oem", "retail", "wrong_channel"),
        ("oem", "oem", None),
        ("cal", "retail", "wrong_channel"),
        ("setup", "oem", "wrong_channel"),
        ("trial", "volume", None),
        ("trial", "retail", None),
        ("trial", "oem", None),
    ],
)
def test_f46_each_kind_serves_its_own_channel(kind: str, channel: str, code: str | None) -> None:
    """Volume, retail and OEM keys serve installations of their own channel only; a trial key serves each."""
    assert installed("windows-7-professional", kind, channel=channel) == code


@pytest.mark.parametrize(
    ("product", "kind", "channel", "way"),
    [
        ("windows-7-professional", "mak", "oem", "install the volume edition, or use the oem product's own key"),
        ("windows-7-professional", "oem", "volume", "this is an OEM key, but Windows 7 Professional is installed from "
         "volume media; it takes a volume key or a host"),
        ("sbs-2011-standard", "retail", "volume", "it takes a volume key"),
        ("windows-xp-professional", "retail", "volume", "it takes the setup key of its media"),
        ("windows-7-professional", "retail", "oem", "this is a retail key, but Windows 7 Professional is installed for "
         "the oem channel; use the key that came with this installation"),
    ],
)  # fmt: skip
def test_f46_refusal_names_the_way_out(product: str, kind: str, channel: str, way: str) -> None:
    """A refusal for the channel says what to install or use instead."""
    answer = check_install(reference(), kind, number=None, product=product, channel=channel)
    assert answer is not None
    assert answer.detail.endswith(way)


def test_f37_client_is_turned_back_without_a_key() -> None:
    """A volume installation is turned back into a client of a host without a key, and by a generic key of any offer."""
    assert installed("windows-7-professional", "generic", number=None) is None
    assert installed("sbs-2011-standard", "generic", number=401) is None
    assert installed("windows-7-professional", "generic", number=None, channel="retail") == "wrong_channel"


def test_f34_product_that_no_host_serves_is_not_turned_back() -> None:
    """A product that needs a setup key, or nothing, becomes no client of a host."""
    for product, words in (("sbs-2003-standard", "needs a setup key"), ("sbs-2008-cal", "needs no key at all")):
        answer = check_install(reference(), "generic", number=None, product=product, channel="volume")
        assert answer is not None
        assert (answer.code, words in answer.detail) == ("key_wrong_product", True)


def test_host_takes_host_keys_only() -> None:
    """A host takes host keys only, and asks for a newer catalog where it does not know the key's group."""
    group = check_host_key(reference(), "host", number=102)
    assert not isinstance(group, Refusal)
    assert group.id == "windows-7"
    assert code_of(check_host_key(reference(), "mak", number=102)) == "key_wrong_kind"
    assert code_of(check_host_key(reference(), "host", number=999)) == "host_update_required"
    answer = check_host_key(reference(), "oem", number=102)
    assert isinstance(answer, Refusal)
    assert answer.detail == "this is an OEM key; an activation host takes a host key"


def test_products_that_a_key_can_be_installed_for() -> None:
    """A key's number and kind tell the products that it can be installed for."""
    assert products_for(reference(), "mak", number=102) == ("windows-7-professional", "windows-7-enterprise")
    assert products_for(reference(), "retail", number=102) == ("windows-7-professional",)
    assert products_for(reference(), "host", number=102) == ()
    assert products_for(demo(), "mak", number=999) == ()
