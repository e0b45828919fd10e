"""The FAQ's rules about which key, which method and how many, by the reference catalog and by a made-up one."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.unit.licensing.worlds import FAQ, MEDORA, World, ask, barred, the, used
from volact.licensing.advice import Answer
from volact.licensing.hosting import WayOut

pytestmark = pytest.mark.parametrize("world", [FAQ, MEDORA], ids=lambda world: world.name)


def test_f31_below_the_threshold_it_is_a_multiple_activation_key(world: World) -> None:
    """Where too few computers count for a host, a multiple activation key is advised, and the host is excluded."""
    few = world.threshold - 1
    advice = world.ask("client", few)
    assert used(advice) == [("mak", "mak", world.group("client"))]
    assert (advice.answers[0].activations, advice.answers[0].hosts, advice.answers[0].rule) == (few, 0, "F31")
    assert barred(advice) == [("host", "host", "count_insufficient", "F31")]
    assert f"from {world.threshold} computers on, and only {few} would count" in advice.excluded[0].reason
    assert f"a host would need {world.threshold} computers, and {few} would count" in advice.answers[0].reason


def test_f31_computers_that_are_counted_already_help(world: World) -> None:
    """Computers of the same count group that a host counts already add to those that are to be activated."""
    advice = world.ask("client", 1, others={world["counted"]: world.threshold - 1})
    assert [way.method for way in advice.answers] == ["mak", "host"]
    assert f"with the {world.threshold - 1} that it counts already" in the(advice.answers, "host").reason


def test_f31_uncounted_virtual_computers_do_not_help(world: World) -> None:
    """Virtual computers whose version does not count leave the threshold unmet, and this is said."""
    advice = world.ask("older", 49, virtual=True)
    assert barred(advice) == [("host", "host", "count_insufficient", "F31")]
    assert "virtual computers with it do not add to the count" in advice.excluded[0].reason
    met = world.ask("older", 49, virtual=True, others={world["counted"]: world.threshold})
    assert [way.method for way in met.answers] == ["host", "mak"]


def test_f31_without_the_network_it_is_a_multiple_activation_key(world: World) -> None:
    """Computers that do not reach the network within one lease take a multiple activation key, however many."""
    advice = world.ask("newer", 200, connected=False, domain=True)
    assert [way.method for way in advice.answers] == ["mak"]
    assert barred(advice) == [
        ("directory", "host", "host_unreachable", "F31"),
        ("host", "host", "host_unreachable", "F31"),
    ]
    assert f"{world.catalog.policy.lease_days} days" in advice.excluded[0].reason


def test_f31_virtual_computers_prefer_a_host(world: World) -> None:
    """For virtual computers a host comes first, also for fewer than 50, and the multiple activation key after it."""
    for computers, hosts in ((30, 1), (80, 2)):
        advice = world.ask("client", computers, virtual=True)
        assert [(way.method, way.hosts, way.activations) for way in advice.answers] == [
            ("host", hosts, 0),
            ("mak", 0, computers),
        ]
        assert "preferred for virtual computers" in advice.answers[0].reason


def test_f31_fewer_than_50_prefer_a_multiple_activation_key(world: World) -> None:
    """Fewer than 50 computers take a multiple activation key first, and from 50 on two hosts."""
    assert [(way.method, way.hosts) for way in world.ask("client", 49).answers] == [("mak", 0), ("host", 1)]
    assert [(way.method, way.hosts) for way in world.ask("client", 50).answers] == [("host", 2), ("mak", 0)]
    together = world.ask("client", 1, others={world["counted"]: 49})
    assert [(way.method, way.hosts) for way in together.answers] == [("host", 2), ("mak", 0)]


def test_f32_directory_comes_before_a_host(world: World) -> None:
    """In a domain the directory comes before a host where the product supports it, and needs no number of computers."""
    advice = world.ask("newer", 100, domain=True)
    assert used(advice) == [
        ("directory", "host", world.group("newer")),
        ("host", "host", world.group("newer")),
        ("mak", "mak", world.group("newer")),
    ]
    assert (advice.answers[0].hosts, advice.answers[0].activations) == (0, 0)
    assert [way.method for way in world.ask("newer", 2, domain=True).answers] == ["mak", "directory"]
    earlier = world.ask("client", 100, domain=True)
    assert barred(earlier) == [("directory", "host", "product_not_served", "F34")]


def test_f16_ways_out_of_one_host_for_two_families(world: World) -> None:
    """A platform that hosts one family and never the other is excluded for both on one host, with every way out."""
    asked = {"platform": world["platform"], "serves": [world["office"]]}
    advice = world.ask("client", 40, host=asked)
    assert barred(advice) == [("host", "host", "host_platform_unsupported", "F16")]
    assert [way.method for way in advice.answers] == ["mak"]
    assert "it does without a host" in advice.answers[0].reason
    by_group = world.ask("client", 40, host=asked | {"serves": [world.group("office")]})
    assert by_group == advice
    from_the_other_side = world.ask("office", 40, host=asked | {"serves": [world["client"]]})
    assert barred(from_the_other_side) == [("host", "host", "host_platform_unsupported", "F16")]
    alone = world.ask("client", 40, host={"platform": world["platform"]})
    assert [way.method for way in alone.answers] == ["mak", "host"]
    assert alone.ways_out == ()


def test_f15_platform_that_is_never_a_host(world: World) -> None:
    """A platform that never hosts the product by itself is excluded for that alone."""
    advice = world.ask("office", 60, host={"platform": world["platform"]})
    assert barred(advice) == [("host", "host", "host_platform_unsupported", "F15")]
    assert world["platform"] not in [way.platform for way in advice.ways_out]


def test_f17_platform_that_needs_an_update_stays_in(world: World) -> None:
    """A platform that needs an update first stays in the answers with that update."""
    advice = world.ask("client", 60, host={"platform": world["late platform"], "serves": [world["part"]]})
    host = the(advice.answers, "host")
    assert isinstance(host, Answer)
    assert (host.rule, host.update) == ("F17", next(iter(world.catalog.group_of(world["client"]).hosts.values())))
    assert world.catalog.updates[host.update or ""].name in host.reason
    assert advice.ways_out == ()


def test_f20_platform_that_may_not_be_virtual(world: World) -> None:
    """A virtual computer is no host on a platform that may not be virtual, and on its successor it is."""
    host = {"platform": world["late platform"], "virtual": True}
    assert barred(world.ask("client", 60, host=host)) == [("host", "host", "host_platform_unsupported", "F20")]
    successor = world.ask("client", 60, host=host | {"platform": world["virtual platform"]})
    assert [way.rule for way in successor.answers if way.method == "host"] == ["F17"]


def test_f34_products_before_volume_activation_have_a_setup_key_only(world: World) -> None:
    """A product from before volume activation takes its setup key, and all that activates is excluded."""
    advice = world.ask("oldest", 300, domain=True)
    assert used(advice) == [("setup", "setup", world.group("oldest"))]
    assert (advice.answers[0].rule, advice.answers[0].hosts, advice.answers[0].activations) == ("F34", 0, 0)
    assert barred(advice) == [
        ("host", "host", "kind_not_offered", "F34"),
        ("mak", "mak", "kind_not_offered", "F34"),
        ("directory", "host", "product_not_served", "F34"),
    ]
    for way in ("the sleeve of the media", "beside the download", "the activation center"):
        assert way in advice.answers[0].reason


def test_f38_downgrade_of_preinstalled_computers(world: World) -> None:
    """Preinstalled computers that are downgraded take a host with either key, or the older product's own key."""
    preinstalled = {"channel": "oem", "product": world["client"]}
    for computers in (30, 200):
        advice = world.ask("client", computers, preinstalled=preinstalled, downgrade_to=world["older"])
        assert used(advice)[:3] == [
            ("host", "host", world.group("client")),
            ("host", "host", world.group("older")),
            ("mak", "mak", world.group("older")),
        ]
        assert {way.rule for way in advice.answers} == {"F38"}
        further = [way.product_group for way in advice.answers[3:]]
        groups = world.catalog.product_groups
        assert further == [
            group
            for group in groups
            if world.group("older") in groups[group].activates and group != world.group("client")
        ]


def test_f38_downgrade_to_a_product_with_a_setup_key(world: World) -> None:
    """To a product from before volume activation only its setup key leads."""
    advice = world.ask("client", 30, downgrade_to=world["oldest"])
    assert used(advice) == [("setup", "setup", world.group("oldest"))]
    assert advice.answers[0].rule == "F38"
    assert {code for _, _, code, _ in barred(advice)} == {"kind_not_offered"}


def test_f38_host_key_that_does_not_serve_the_older_product(world: World) -> None:
    """A host key of the owned product that does not serve the older one is not listed."""
    advice = world.ask("newer office", 60, downgrade_to=world["office"])
    assert used(advice) == [
        ("host", "host", world.group("office")),
        ("mak", "mak", world.group("office")),
    ]


def test_f38_directory_comes_first_by_a_key_that_is_owned(world: World) -> None:
    """In a domain whose products support it, the directory precedes the hosts, by a host key that the agreement has."""
    edited = replace(world.catalog.group_of(world["older"]), directory=True)
    catalog = replace(world.catalog, product_groups={**world.catalog.product_groups, edited.id: edited})
    question = {"product": world["client"], "computers": 60, "downgrade_to": world["older"], "domain": True}
    assert used(ask(catalog, **question))[0] == ("directory", "host", world.group("client"))
    owned = {"program": world["purchase"], "licenses": {world["older"]: 1}}
    assert used(ask(catalog, **question, **owned))[0] == ("directory", "host", world.group("older"))


def test_f38_further_host_keys_only_where_they_are_owned(world: World) -> None:
    """With what is owned said, further host keys are listed only where the agreement gives them."""
    owned = {"program": world["purchase"], "licenses": {world["client"]: 5}}
    advice = world.ask("client", 60, downgrade_to=world["older"], **owned)
    assert used(advice) == [
        ("host", "host", world.group("client")),
        ("host", "host", world.group("older")),
        ("mak", "mak", world.group("older")),
    ]
    older_only = world.ask("client", 60, downgrade_to=world["older"], **owned | {"licenses": {world["older"]: 5}})
    assert barred(older_only) == [("host", "host", "units_required", "F07")]
    assert used(older_only)[0] == ("host", "host", world.group("older"))


def test_f39_small_server_takes_its_own_key(world: World) -> None:
    """A product that no host serves takes its multiple activation key, which turns it from a client of a host."""
    rule = world.rule("box", "")
    advice = world.ask("box", 60)
    assert used(advice) == [("mak", "mak", world.group("box"))]
    assert barred(advice) == [("host", "host", "kind_not_offered", rule)]
    assert advice.answers[0].rule == rule
    assert "installs as a client of a host although no host serves it" in advice.answers[0].reason
    assert "the media come by post" in advice.answers[0].reason
    assert advice.media == "post"


def test_f39_extension_takes_the_servers_key(world: World) -> None:
    """The extension takes the multiple activation key of the server's group, and no host although the group has one."""
    advice = world.ask("extension", 1)
    assert used(advice) == [("mak", "mak", world.group("extension"))]
    assert barred(advice) == [("host", "host", "kind_not_offered", world.rule("extension", ""))]
    assert (advice.media, advice.answers[0].activations) == ("download", 1)


def test_f40_key_on_the_media_and_nothing_for_access(world: World) -> None:
    """A product whose key lies on its media needs that, also as a downgrade, and its access licenses need nothing."""
    for product, more in (("media box", {}), ("box", {"downgrade_to": world["media box"]})):
        advice = world.ask(product, 2, **more)
        assert used(advice) == [
            ("setup", "setup", world.group("media box")),
            ("none", None, world.group("media seats")),
        ]
        assert "shown nowhere else" in advice.answers[0].reason
        assert (advice.key_on_media, advice.media) == (True, "post")
        assert {way.rule for way in advice.answers} == {world.rule("media box", "")}


def test_f40_access_licenses_that_take_a_key(world: World) -> None:
    """Downgraded further, the access licenses take a key of their own, one activation for each server."""
    advice = world.ask("box", 2, downgrade_to=world["key box"])
    assert used(advice) == [
        ("setup", "setup", world.group("key box")),
        ("mak", "cal", world.group("key seats")),
    ]
    assert [way.activations for way in advice.answers] == [0, 2]
    assert used(world.ask("key seats", 1)) == [("mak", "cal", world.group("key seats"))]
    nothing = world.ask("media seats", 1)
    assert used(nothing) == [("none", None, world.group("media seats"))]


def test_f46_preinstalled_product_keeps_its_own_key(world: World) -> None:
    """Computers that came with the product keep its own key, and volume methods are excluded for their channel."""
    advice = world.ask("client", 30, preinstalled={"channel": "oem", "product": world["client"]})
    assert used(advice) == [("oem", "oem", world.group("client"))]
    assert advice.answers[0].rule == "F46"
    assert barred(advice) == [("host", "host", "wrong_channel", "F46"), ("mak", "mak", "wrong_channel", "F46")]
    retail = world.ask("office", 30, preinstalled={"channel": "retail", "product": world["office"]})
    assert [way.method for way in retail.answers] == ["retail"]
    other = world.ask("newer", 30, preinstalled={"product": world["client"]})
    assert [way.method for way in other.answers] == ["mak", "host"]


def test_f09_reimaging_is_for_identical_copies(world: World) -> None:
    """Identical copies may be reimaged from volume media, and others are excluded."""
    same = world.ask("client", 30, reimage=True, preinstalled={"product": world["client"]})
    assert [way.method for way in same.answers] == ["mak", "host"]
    assert "volume media may reimage copies that are identical" in same.answers[0].reason
    other = world.ask("newer", 30, reimage=True, preinstalled={"product": world["client"]})
    assert other.answers == ()
    assert {(code, rule) for _, _, code, rule in barred(other)} == {("reimage_not_identical", "F09")}
    unowned = {"program": world["purchase"], "licenses": {world["office"]: 3}}
    assert barred(world.ask("client", 30, reimage=True, **unowned)) == [
        ("host", "host", "units_required", "F09"),
        ("mak", "mak", "units_required", "F09"),
    ]


def test_f09_reimaging_takes_a_unit_of_that_very_product(world: World) -> None:
    """Under a purchase program reimaging takes a license of the product itself, and a downgrade right is not enough."""
    owned = {"program": world["purchase"], "licenses": {world["client"]: 3, world["older"]: 0}}
    assert world.ask("older", 60, **owned).answers
    refused = world.ask("older", 60, reimage=True, **owned)
    assert {(code, rule) for _, _, code, rule in barred(refused)} == {("units_required", "F09")}
    assert "takes at least one license of" in refused.excluded[0].reason
    assert world.ask("client", 60, reimage=True, downgrade_to=world["older"], **owned).answers
    assert world.ask("older", 60, reimage=True, **owned | {"program": world["pool"]}).answers


def test_f08_downgrade_that_is_not_offered(world: World) -> None:
    """What the catalog does not list as a downgrade is excluded by every method, the directory too."""
    advice = world.ask("older", 30, downgrade_to=world["newer"], domain=True)
    assert advice.answers == ()
    assert [(method, code, rule) for method, _, code, rule in barred(advice)] == [
        ("directory", "downgrade_not_offered", "F08"),
        ("host", "downgrade_not_offered", "F08"),
        ("mak", "downgrade_not_offered", "F08"),
    ]
    same = world.ask("client", 30, downgrade_to=world["client"])
    assert same == world.ask("client", 30)


def test_f07_keys_per_pool_and_per_purchase(world: World) -> None:
    """Per pool one license of the pool is enough, per purchase it takes the product or one that is downgraded to it."""
    pool, purchase = {"program": world["pool"]}, {"program": world["purchase"]}
    assert world.ask("client", 60, **pool, licenses={world["older"]: 1}).answers
    assert barred(world.ask("client", 60, **pool, licenses={world["office"]: 1}))[0][2:] == ("units_required", "F07")
    assert world.ask("older", 60, **purchase, licenses={world["client"]: 1}).answers
    assert not world.ask("client", 60, **purchase, licenses={world["older"]: 1}).answers
    assert world.ask("client", 60, **purchase).answers
    assert world.ask("client", 60, licenses={world["older"]: 1}).answers


def test_f11_keys_that_only_the_center_gives(world: World) -> None:
    """Under a program whose keys are not shown, the center to call stands in the answer."""
    advice = world.ask("office", 60, program=world["hidden"])
    assert advice.center == world.catalog.centers[0]
    assert all("the activation center gives keys under" in way.reason for way in advice.answers)
    assert world.ask("office", 60).center is None


def test_f27_f29_activations_and_how_many_to_ask_for(world: World) -> None:
    """Every computer takes an activation, and what is missing from the key is told with the center to ask."""
    short = world.ask("client", 120, reimage=True, mak={"remaining": 87})
    mak = the(short.answers, "mak")
    assert isinstance(mak, Answer)
    assert (mak.activations, mak.ask_for) == (120, 33)
    assert "87 are left, so ask for 33 more" in mak.reason
    assert short.center == world.catalog.centers[0]
    enough = world.ask("client", 120, mak={"remaining": 120})
    assert "120 are left, which is enough" in the(enough.answers, "mak").reason
    assert enough.center is None
    assert "1 is left, which is enough" in the(world.ask("client", 1, mak={"remaining": 1}).answers, "mak").reason


def test_f28_allowance_of_a_new_key_where_it_is_known(world: World) -> None:
    """The activations that a new key gets are named where the question says enough to know them."""
    level = world.catalog.programs[world["pool"]].allowance.by_level["A"]
    known = world.ask("client", 10, program=world["pool"], level="A")
    assert f"a new one gets {level} activations, which is enough" in known.answers[0].reason
    band = world.catalog.programs[world["purchase"]].allowance.bands[0].activations
    bought = world.ask("client", band + 5, program=world["purchase"], licenses={world["client"]: 3})
    assert f"a new one gets {band} activations, so ask for 5 more" in the(bought.answers, "mak").reason
    for unknown in ({"program": world["pool"]}, {"program": world["purchase"]}, {}):
        answer = the(world.ask("client", 10, **unknown).answers, "mak")
        assert isinstance(answer, Answer)
        assert answer.ask_for is None


def test_f19_part_takes_the_host_key_of_the_whole(world: World) -> None:
    """A part of an office family takes the family's host key and a multiple activation key of its own."""
    assert used(world.ask("part", 60)) == [
        ("host", "host", world.group("office")),
        ("mak", "mak", world.group("part")),
    ]


def test_f16_four_ways_by_the_faq(world: World) -> None:
    """The ways out are those that the catalog's table has for both families, and with newer office ones fewer."""
    asked = {"platform": world["platform"], "serves": [world["office"]]}
    ways = world.ask("client", 40, host=asked).ways_out
    expected = {
        "faq": (
            WayOut("windows-server-2003", False, "update-for-windows-7"),
            WayOut("windows-server-2003-v1.1", True, "update-for-windows-7"),
            WayOut("windows-7-volume", True, None),
            WayOut("windows-server-2008-r2", True, None),
        ),
        "medora": (
            WayOut("ward-os-3", False, "station-update"),
            WayOut("ward-os-3.1", True, "station-update"),
            WayOut("lab-box-1", False, None),
            WayOut("ward-os-5", True, None),
        ),
    }
    assert ways == expected[world.name]
    fewer = world.ask("client", 40, host=asked | {"serves": [world["newer office"]]}).ways_out
    assert not {way.platform for way in fewer} & {world["late platform"], world["virtual platform"]}
    assert fewer
