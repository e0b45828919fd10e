"""The FAQ's rules that the reference catalog states by itself, and the ids that others rely on."""

from __future__ import annotations

import pytest

from tests.unit.licensing.builders import code_of, demo, reference
from volact.licensing.catalog import Catalog
from volact.licensing.hosting import may_host, serves, ways_out
from volact.licensing.issuing import Holding, Offer, check_issue
from volact.licensing.thresholds import is_counted

PRODUCTS = [
    "windows-xp-professional",
    "windows-vista-business",
    "windows-vista-business-sp1",
    "windows-vista-business-sp2",
    "windows-vista-enterprise",
    "windows-7-professional",
    "windows-7-enterprise",
    "windows-8-pro",
    "windows-8-enterprise",
    "windows-10-pro",
    "windows-10-enterprise",
    "windows-server-2003",
    "windows-server-2008-web",
    "windows-server-2008-standard",
    "windows-server-2008-standard-sp2",
    "windows-server-2008-datacenter",
    "windows-server-2008-r2-web",
    "windows-server-2008-r2-standard",
    "windows-server-2008-r2-datacenter",
    "windows-server-2012-standard",
    "windows-server-2012-datacenter",
    "office-2010",
    "project-2010",
    "visio-2010",
    "office-2013",
    "project-2013",
    "visio-2013",
    "office-2016",
    "sbs-2011-standard",
    "sbs-2011-essentials",
    "sbs-2011-premium-addon",
    "sbs-2008-standard",
    "sbs-2008-cal",
    "sbs-2003-standard",
    "sbs-2003-cal",
]
PLATFORMS = [
    "windows-server-2003",
    "windows-server-2003-v1.1",
    "windows-vista",
    "windows-vista-sp1",
    "windows-server-2008",
    "windows-7-volume",
    "windows-server-2008-r2",
    "windows-8-volume",
    "windows-server-2012",
]
PROGRAMS = [
    "enterprise-agreement",
    "select-license",
    "select-plus",
    "open-license",
    "open-value",
    "campus-agreement",
    "school-agreement",
    "spla",
    "isv-royalty",
    "high-volume-messaging",
]

# One product for each column of the FAQ's table, then a row for each platform.
COLUMNS = [
    "windows-vista-business",
    "windows-server-2008-standard",
    "windows-7-professional",
    "windows-server-2008-r2-datacenter",
    "windows-8-pro",
    "windows-server-2012-standard",
    "windows-10-pro",
    "office-2010",
    "office-2016",
]
TABLE = {
    "windows-server-2003": "yuuu---y-",
    "windows-server-2003-v1.1": "yyuu---y-",
    "windows-vista": "y-u------",
    "windows-vista-sp1": "y-u------",
    "windows-server-2008": "yyuu-----",
    "windows-7-volume": "y-y-u-uyy",
    "windows-server-2008-r2": "yyyyuuuyy",
    "windows-8-volume": "y-y-y-u-y",
    "windows-server-2012": "yyyyyyu-y",
}


def host_group(product: str) -> str:
    """The group of the host key that is given for a product."""
    return reference().group_of(product).host_key_group


def issued(product: str, kind: str) -> object:
    """What asking for a key is answered under an agreement that bought the product."""
    holding = Holding(program="open-license", licenses={product: 1})
    return check_issue(reference(), product, kind=kind, holding=holding, today="2026-11-24")


def served(product: str) -> set[str]:
    """The products that a host key given for this product serves."""
    groups = reference().groups_of_host_key(host_group(product))
    return {other for other in reference().products if serves(reference(), groups, product=other) is None}


def test_reference_catalog_has_the_ids_that_others_rely_on() -> None:
    """The reference catalog holds exactly the products, platforms, programs, pools and count groups of the contract."""
    catalog = reference()
    assert sorted(catalog.products) == sorted(PRODUCTS)
    assert list(catalog.host_platforms) == PLATFORMS
    assert list(catalog.programs) == PROGRAMS
    assert list(catalog.pools) == ["systems", "servers", "applications"]
    assert list(catalog.count_groups) == ["windows", "office"]
    assert catalog.policy.declared == "all"
    assert catalog.policy.bind == "none"
    assert catalog.policy.default_host_platform == "windows-server-2008-r2"
    assert {update.from_version for update in catalog.updates.values()} == {2}
    assert len(catalog.centers) >= 2


def test_f13_thresholds_of_servers_clients_and_office() -> None:
    """Servers need 5 counted computers, clients 25, office products 5, and servers and clients add to one count."""
    catalog = reference()
    for product in catalog.products.values():
        group = catalog.product_groups[product.group]
        expected = {"systems": ("windows", 25), "servers": ("windows", 5), "applications": ("office", 5)}[group.pool]
        counted = (group.count_group, group.threshold)
        assert counted == (expected if "host" in group.kinds else (None, None)), product.id


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_f15_f17_table_of_hosts(platform: str, version: int) -> None:
    """Each platform takes a product group's host key always, from catalog version 2 on, or never, as the table says."""
    late = {"y": None, "u": "host_update_required" if version < 2 else None, "-": "host_platform_unsupported"}
    for product, word in zip(COLUMNS, TABLE[platform], strict=True):
        answer = may_host(reference(), version, platform=platform, virtual=False, group=host_group(product))
        assert code_of(answer) == late[word], (platform, product)


def test_f15_table_holds_for_every_letter_and_office_version() -> None:
    """All letters of a server generation have the same hosts, and office 2013 has those of 2016."""
    groups = reference().product_groups
    for generation in ("2008", "2008-r2"):
        tables = [groups[f"windows-server-{generation}-{letter}"].hosts for letter in "abc"]
        assert tables[0] == tables[1] == tables[2]
    assert groups["windows-server-2012-b"].hosts == groups["windows-server-2012-c"].hosts
    assert groups["office-2013"].hosts == groups["office-2016"].hosts


def test_f16_refusal_names_the_ways_out() -> None:
    """Server 2008, refused as a host for office 2010, is told which platforms can host it beside Windows 7."""
    answer = may_host(
        reference(), 2, platform="windows-server-2008", virtual=False, group="office-2010", beside=["windows-7"]
    )
    assert code_of(answer) == "host_platform_unsupported"
    assert answer is not None
    assert answer.fields["ways_out"] == [
        {"platform": "windows-server-2003", "virtual": False, "update": "update-for-windows-7"},
        {"platform": "windows-server-2003-v1.1", "virtual": True, "update": "update-for-windows-7"},
        {"platform": "windows-7-volume", "virtual": True, "update": None},
        {"platform": "windows-server-2008-r2", "virtual": True, "update": None},
    ]
    assert answer.detail.startswith("Windows Server 2008 cannot be a host for Office 2010. These can: ")
    assert "Windows Server 2003 with host version 1.1 (also as a virtual computer) (after an update)" in answer.detail
    assert answer.detail.endswith("fewer than 50 computers, a multiple activation key does without a host.")


def test_f16_ways_over_server_2003_are_gone_with_office_2013() -> None:
    """With office 2013 in place of 2010 no way out leads over Server 2003."""
    ways = ways_out(reference(), ["windows-7", "office-2013"])
    assert [way.platform for way in ways[:2]] == ["windows-7-volume", "windows-server-2008-r2"]
    assert not any("2003" in way.platform for way in ways)


@pytest.mark.parametrize(
    ("product", "serves_these", "not_those"),
    [
        ("windows-vista-business", "windows-vista-business windows-vista-enterprise", "windows-7-professional"),
        ("windows-7-professional", "windows-7-enterprise windows-vista-business", "windows-8-pro"),
        ("windows-10-pro", "windows-8-pro windows-7-enterprise windows-vista-business", "windows-server-2008-web"),
        (
            "windows-server-2008-standard",
            "windows-server-2008-web windows-vista-business",
            "windows-server-2008-datacenter windows-7-professional",
        ),
        (
            "windows-server-2008-r2-standard",
            "windows-server-2008-r2-web windows-server-2008-standard windows-server-2008-web windows-7-professional "
            "windows-vista-enterprise",
            "windows-server-2008-r2-datacenter windows-server-2008-datacenter windows-8-pro sbs-2011-premium-addon",
        ),
        (
            "windows-server-2008-r2-datacenter",
            "windows-server-2008-r2-standard windows-server-2008-datacenter windows-7-professional",
            "windows-server-2012-standard windows-8-pro",
        ),
        (
            "windows-server-2012-datacenter",
            "windows-server-2012-standard windows-server-2008-r2-datacenter windows-server-2008-web windows-8-pro",
            "windows-10-pro office-2013",
        ),
        ("windows-server-2012-standard", "windows-8-pro", "windows-server-2012-datacenter"),
        ("windows-server-2008-r2-web", "windows-server-2008-web windows-7-enterprise", "windows-server-2008-standard"),
        ("office-2010", "project-2010 visio-2010", "office-2013 windows-7-professional"),
        ("visio-2013", "office-2013 project-2013", "visio-2010 office-2016"),
    ],
)
def test_f19_host_keys_are_hierarchical(product: str, serves_these: str, not_those: str) -> None:
    """A host key serves its own group, those below it and the earlier generations of these, and nothing above."""
    assert {product, *serves_these.split()} <= served(product)
    assert not served(product) & set(not_those.split())


def test_f19_host_key_for_project_is_offices_and_makes_a_mak_of_its_own() -> None:
    """A host key asked for Project is the office key, while its multiple activation key is Project's own."""
    host, mak = (issued("project-2010", kind) for kind in ("host", "mak"))
    assert isinstance(host, Offer)
    assert isinstance(mak, Offer)
    assert (host.group.id, mak.group.id) == ("office-2010", "project-2010")


@pytest.mark.parametrize("platform", PLATFORMS)
def test_f20_which_host_may_be_virtual(platform: str) -> None:
    """A host may be virtual on every platform but Vista without a service pack and Server 2003 with version 1.0."""
    answer = may_host(reference(), 2, platform=platform, virtual=True, group="windows-vista")
    refused = platform in ("windows-vista", "windows-server-2003")
    assert code_of(answer) == ("host_platform_unsupported" if refused else None)
    if answer is not None:
        assert "cannot be a host on a virtual computer" in answer.detail


@pytest.mark.parametrize("product", PRODUCTS)
def test_f21_which_virtual_computer_counts(product: str) -> None:
    """A virtual computer counts from Vista SP2, Server 2008 SP2, Windows 7 and Server 2008 R2 on."""
    early = product.startswith(("windows-vista", "windows-server-2008", "windows-server-2003", "windows-xp"))
    late = product.endswith("-sp2") or "-r2-" in product
    assert is_counted(reference(), product, virtual=False)
    assert is_counted(reference(), product, virtual=True) == (late or not early)


def test_f34_old_products_have_only_a_setup_key() -> None:
    """Products before Vista, Server 2008 and office 2010 need a setup key; host and MAK are not offered."""
    for product in ("windows-xp-professional", "windows-server-2003"):
        assert reference().products[product].needs == "setup"
        for kind in ("host", "mak"):
            answer = issued(product, kind)
            assert code_of(answer) == "kind_not_offered"


def test_f39_small_business_server_2011_takes_maks_only() -> None:
    """No host key is offered for SBS 2011, no host serves it, and the add-on's MAK is Server 2008 R2 B's."""
    catalog = reference()
    every_group = tuple(catalog.product_groups)
    for product, group in (
        ("sbs-2011-standard", "sbs-2011"),
        ("sbs-2011-essentials", "sbs-2011"),
        ("sbs-2011-premium-addon", "windows-server-2008-r2-b"),
    ):
        host, mak = (issued(product, kind) for kind in ("host", "mak"))
        assert code_of(host) == "kind_not_offered"
        assert isinstance(mak, Offer)
        assert mak.group.id == group
        assert code_of(serves(catalog, every_group, product=product)) == "product_not_served"


def test_f40_what_small_business_server_needs() -> None:
    """SBS 2008's client access licenses need no activation, and those of SBS 2003 do, by keys of their own kind."""
    products = reference().products
    assert (products["sbs-2008-cal"].needs, products["sbs-2008-cal"].kinds) == ("none", ())
    assert (products["sbs-2003-cal"].needs, products["sbs-2003-cal"].kinds) == ("activation", ("cal",))
    assert products["sbs-2008-standard"].needs == "setup"


def test_demonstration_catalog_has_one_server_two_clients_and_reports() -> None:
    """The demonstration's server needs 5 computers and counts with two clients that need 25; reports count alone."""
    catalog: Catalog = demo()
    counted = {
        product: (catalog.group_of(product).count_group, catalog.group_of(product).threshold)
        for product in catalog.products
    }
    assert counted == {
        "solver-server-9": ("engineering", 5),
        "tracer-9": ("engineering", 25),
        "mesher-9": ("engineering", 25),
        "report-studio-9": ("documents", 10),
    }
    assert list(catalog.host_platforms) == ["linux", "windows", "macos"]
    assert catalog.groups_of_host_key("solver-server-9") == ("solver-server-9", "tracer-9", "mesher-9")
    assert catalog.policy.declared == "all"
