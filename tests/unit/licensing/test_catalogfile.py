"""The catalog's file: what is read, what is refused and how it is told, the signed form."""

from __future__ import annotations

import datetime
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.licensing.builders import ROOT, demo, edited, problems_of, read, reference, small
from volact.licensing.catalog import DEFAULT_ACTIONS, Catalog, Policy
from volact.licensing.catalogfile import CatalogInvalid, catalog_from, catalog_to, read_catalog_text

G, P = "product_groups", "products"

WRONG = {
    # edit -> path, part of the reason
    "unknown top member": (("produkts", {}), "produkts", 'the nearest known name is "products"'),
    "unknown member": (("policy/grase_days", 3), "policy.grase_days", 'the nearest known name is "grace_days"'),
    "missing": (("title", None), "title", "is missing"),
    "text wanted": (("title", 3), "title", "must be a text, but is an integer"),
    "text of two lines": (("title", "a\nb"), "title", "one line"),
    "text empty": (("title", ""), "title", "1 to 200 characters"),
    "integer wanted": (("policy/grace_days", "3"), "policy.grace_days", "must be an integer, but is a text"),
    "boolean is no integer": (("policy/host_slots", True), "policy.host_slots", "but is true or false"),
    "float is no integer": (("policy/host_slots", 1.5), "policy.host_slots", "but is a float"),
    "date is no integer": (("policy/host_slots", datetime.date(2026, 1, 1)), "policy.host_slots", "a date or time"),
    "out of range": (("policy/retry_minutes", 14), "policy.retry_minutes", "is 14, but must be from 15 to 43200"),
    "flag wanted": ((f"{P}/suite-1/counts_virtual", 1), "products.suite-1.counts_virtual", "must be true or false"),
    "word wanted": (("policy/declared", 1), "policy.declared", "must be a text"),
    "wrong word": (("policy/declared", "some"), "policy.declared", 'must be one of "none", "lease", "all"'),
    "wrong action": (("policy/actions", {"grace": "stop"}), "policy.actions.grace", 'one of "allow", "warn", "limit"'),
    "unknown state": (("policy/actions", {"graze": "warn"}), "policy.actions.graze", '"grace"'),
    "array wanted": ((f"{G}/suite/kinds", "mak"), "product_groups.suite.kinds", "must be an array of texts"),
    "text in array wanted": ((f"{G}/suite/kinds", ["mak", 3]), "product_groups.suite.kinds[1]", "must be a text"),
    "unknown kind": ((f"{G}/suite/kinds", ["host", "kms"]), "product_groups.suite.kinds[1]", "must be one of"),
    "named again": ((f"{G}/suite/activates", ["plugin", "plugin"]), "product_groups.suite.activates[1]", "again"),
    "table wanted": (("policy", []), "policy", "must be a table, but is an array"),
    "table of id wanted": ((f"{P}/suite-1", 1), "products.suite-1", "must be a table, but is an integer"),
    "wrong id": ((f"{P}/Suite_1", {"name": "x", "group": "suite"}), "products.Suite_1", "a-z, 0-9 and hyphens"),
    "wrong platform id": (("host_platforms/-a", {"name": "x"}), "host_platforms.-a", "a-z, 0-9, dots and hyphens"),
    "wrong id in quotes": (('pools/a "b', {"name": "x"}), 'pools."a \\"b"', "an id is"),
    "array of tables wanted": (("centers", {}), "centers", "must be an array of tables, but is a table"),
    "table in array wanted": (("centers", ["NO"]), "centers[0]", "must be a table, but is a text"),
    "no such reference type": ((f"{P}/suite-1/group", 5), "products.suite-1.group", "must be an id as text"),
    "reference missing": ((f"{P}/suite-1/group", None), "products.suite-1.group", "is missing"),
    "pool missing": ((f"{G}/suite/pool", None), "product_groups.suite.pool", "is missing"),
    "kinds missing": ((f"{G}/suite/kinds", None), "product_groups.suite.kinds", "is missing"),
    "no pools": (("pools", {}), "pools", "at least one entry"),
    "no products": (("products", {}), "products", "at least one entry"),
    "lease too long": (("policy/lease_days", 181), "policy.lease_days", "more than max_lease_days (180)"),
    "renewal too late": (("policy", {"lease_days": 1, "renew_minutes": 1440}), "policy.renew_minutes", "run out first"),
    "no such platform": (("policy/default_host_platform", "linus"), "policy.default_host_platform", '"linux"'),
    "number twice": ((f"{G}/plugin/number", 1), "product_groups.plugin.number", 'of product group "suite" already'),
    "number too large": ((f"{G}/plugin/number", 2**18), "product_groups.plugin.number", "from 0 to 262143"),
    "no such pool": ((f"{G}/suite/pool", "studyo"), "product_groups.suite.pool", '"studyo" is not in the catalog'),
    "no such count group": ((f"{G}/suite/count_group", "desk"), "product_groups.suite.count_group", '"desks"'),
    "directory without host": (
        (f"{G}/sampler/directory", True),
        "product_groups.sampler.directory",
        'needs kind "host"',
    ),
    "no such downgrade": ((f"{P}/suite-1/downgrades", ["suite-0"]), "products.suite-1.downgrades[0]", '"suite-1"'),
    "downgrade to itself": ((f"{P}/suite-1/downgrades", ["suite-1"]), "products.suite-1.downgrades[0]", "itself"),
    "no such access": (
        (f"{P}/suite-1/client_access", "seats"),
        "products.suite-1.client_access",
        "is not in the catalog",
    ),
    "access by another key": (
        (f"{P}/suite-1/client_access", "plugin-1"),
        "products.suite-1.client_access",
        'none of kind "cal"',
    ),
    "key on media without one": ((f"{P}/suite-1/key_on_media", True), "products.suite-1.key_on_media", '"setup"'),
    "medium of another kind": ((f"{P}/suite-1/media", "fax"), "products.suite-1.media", '"download", "post"'),
    "trial of no day": ((f"{P}/suite-1/trial_days", 0), "products.suite-1.trial_days", "from 1"),
    "keys for nobody": (("programs/plain/keys", "none"), "programs.plain.keys", '"all", "pool", "purchase"'),
    "right without a number": (
        ("programs/plain/rights", {"backup": "some"}),
        "programs.plain.rights.backup",
        "unlimited",
    ),
    "right below none": (("programs/plain/rights", {"backup": -1}), "programs.plain.rights.backup", "from 0"),
    "right of a wrong name": (("programs/plain/rights", {"Back up": 1}), 'programs.plain.rights."Back up"', "a-z"),
    "threshold alone": ((f"{G}/sampler/threshold", 3), "product_groups.sampler.count_group", "belong together"),
    "count group alone": ((f"{G}/plugin/threshold", None), "product_groups.plugin.threshold", "belong together"),
    "threshold below one": ((f"{G}/suite/threshold", 0), "product_groups.suite.threshold", "from 1"),
    "host key uncounted": (
        (f"{G}/sampler/kinds", ["host", "retail", "mak"]),
        "product_groups.sampler.count_group",
        "needs",
    ),
    "activates without host": ((f"{G}/sampler/activates", ["suite"]), "product_groups.sampler.kinds", 'has no "host"'),
    "hosts without host": ((f"{G}/sampler/hosts", {"linux": "yes"}), "product_groups.sampler.kinds", 'has no "host"'),
    "activates nothing": ((f"{G}/suite/activates", ["plugin", "x"]), "product_groups.suite.activates[1]", "not in"),
    "activates uncounted": (
        (f"{G}/suite/activates", ["plugin", "sampler"]),
        "product_groups.suite.activates[1]",
        "no host could",
    ),
    "no such host group": ((f"{G}/plugin/host_group", "swite"), "product_groups.plugin.host_group", '"suite"'),
    "host group without key": (
        (f"{G}/plugin/host_group", "sampler"),
        "product_groups.plugin.host_group",
        "no host key",
    ),
    "host group of itself": ((f"{G}/plugin/host_group", "plugin"), "product_groups.plugin.host_group", "no host"),
    "host group serves not": ((f"{G}/suite/activates", []), "product_groups.plugin.host_group", "does not activate"),
    "host group unasked": ((f"{G}/plugin/kinds", ["mak"]), "product_groups.plugin.kinds", "never given"),
    "host group and hosts": ((f"{G}/plugin/hosts", {"linux": "yes"}), "product_groups.plugin.host_group", "beside"),
    "no such host platform": ((f"{G}/suite/hosts", {"linus": "yes"}), "product_groups.suite.hosts.linus", '"linux"'),
    "no such update": ((f"{G}/suite/hosts", {"linux": "wheal"}), "product_groups.suite.hosts.linux", '"wheel"'),
    "update is no text": ((f"{G}/suite/hosts", {"mac.10": 1}), 'product_groups.suite.hosts."mac.10"', "as text"),
    "update called yes": (("updates/yes", {"name": "x", "from_version": 1}), "updates", "means something else"),
    "update from zero": (("updates/wheel/from_version", 0), "updates.wheel.from_version", "from 1"),
    "no such group": ((f"{P}/suite-1/group", "swite"), "products.suite-1.group", '"suite"'),
    "kind not of group": ((f"{P}/plugin-1/kinds", ["mak", "retail"]), "products.plugin-1.kinds[1]", "not among"),
    "retail without channel": ((f"{P}/suite-1/channels", ["volume"]), "products.suite-1.channels", 'has no "retail"'),
    "mak without channel": ((f"{P}/sampler-2/channels", ["retail"]), "products.sampler-2.channels", 'has no "volume"'),
    "needs none with kinds": ((f"{P}/suite-1/needs", "none"), "products.suite-1.needs", "offers a key"),
    "needs activation without": ((f"{P}/suite-1/kinds", []), "products.suite-1.kinds", "offers no key"),
    "needs setup without": ((f"{P}/suite-1/needs", "setup"), "products.suite-1.kinds", 'has no "setup"'),
    "allowance of two ways": (
        ("programs/fixed/allowance", {"activations": 1, "per_license": 2}),
        "programs.fixed.allowance",
        "not several",
    ),
    "bands that end": (
        ("programs/fixed/allowance", {"bands": [{"up_to": 1, "activations": 2}]}),
        "programs.fixed.allowance.per_license",
        "is missing",
    ),
    "bands out of order": (
        ("programs/bands/allowance/bands", [{"up_to": 5, "activations": 1}, {"up_to": 5, "activations": 2}]),
        "programs.bands.allowance.bands",
        "ordered",
    ),
    "band without end": (
        ("programs/bands/allowance/bands", [{"activations": 1}]),
        "programs.bands.allowance.bands[0].up_to",
        "is missing",
    ),
    "wrong level": (
        ("programs/level/allowance/by_level", {"A b": 1}),
        'programs.level.allowance.by_level."A b"',
        "a price level is",
    ),
    "wrong country": (("centers", [small()["centers"][0] | {"country": "no"}]), "centers[0].country", "capital"),
    "wrong language": (("centers", [small()["centers"][0] | {"languages": ["Bokmål"]}]), "centers[0].languages", "tag"),
    "no country": (("centers", [{"number": "1", "hours": "x", "languages": []}]), "centers[0].country", "missing"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_member_is_refused_with_its_path_and_the_reason(name: str) -> None:
    """A catalog with one wrong member is refused with the path of that member and the reason."""
    edit, path, reason = WRONG[name]
    found = problems_of(lambda: read(edited(edit)))
    assert any(place == path and reason in str(why) for place, why in found), found


def test_small_catalog_is_read_with_its_defaults() -> None:
    """What a catalog leaves out has the default that its description gives."""
    catalog = read(small())
    assert catalog.policy == Policy(declared="lease", default_host_platform="linux")
    assert catalog.policy.actions == DEFAULT_ACTIONS
    assert catalog.products["suite-1"].kinds == ("mak", "host", "retail")
    assert catalog.products["suite-1"].channels == ("volume", "retail")
    assert catalog.products["sampler-2"].channels == ("volume",)
    assert catalog.products["suite-1"].needs == "activation"
    assert catalog.product_groups["suite"].host_key_group == "suite"
    assert catalog.product_groups["plugin"].host_key_group == "suite"
    assert read(edited(("product_groups/suite/activates", ["suite", "plugin"]))) == catalog


def test_trial_kind_needs_no_channel_of_its_own() -> None:
    """A trial may be given in any channel."""
    document = edited(
        ("product_groups/sampler/kinds", ["retail", "mak", "trial"]), ("products/sampler-1/kinds", ["trial"])
    )
    assert read(document).products["sampler-1"].channels == ("retail",)


def test_all_problems_are_found_and_the_first_leads() -> None:
    """Every problem of a catalog is told at once, and the first stands in the detail with file and path."""
    document = edited(("title", 3), ("policy/declared", "x"), ("products/suite-1/group", "y"), ("pool", {}))
    with pytest.raises(CatalogInvalid) as caught:
        read_catalog_text(f"title = 3\nhelp = {json.dumps('x')}\n", "mine.toml")
    assert caught.value.code == "catalog_invalid"
    assert caught.value.detail == "mine.toml: title: must be a text, but is an integer (and 4 more)"
    assert caught.value.fields["path"] == "title"
    assert caught.value.fields["line"] is None
    assert {place for place, _ in problems_of(lambda: read(document))} == {
        "title",
        "policy.declared",
        "products.suite-1.group",
        "pool",
    }


def test_at_most_a_hundred_problems_are_listed() -> None:
    """A catalog with very many problems lists a hundred of them and tells how many there are."""
    document = edited(("pools", {f"p{number}": {} for number in range(150)}))
    with pytest.raises(CatalogInvalid, match=r"\(and 152 more\)") as caught:
        read(document)
    assert len(caught.value.fields["problems"]) == 100  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('title = "x"\n\n[policy\n', 3),
        ('title = "x"\ntitle = "y"\n', 2),
        ('title = "x', 1),
        ('a = 1\nb = """\nx\n', 4),
        (b'title = "x"\nname = "\xff"\n', 2),
        ("a = " + "[" * 100_000, 1),
        ("a = " + "9" * 5000, 1),
        ('title = "x"\na' + ".a" * 200_000 + " = 1", 2),
        ("b = 1\na = {" + " . ".join(['"\\"."', "'.'", "a-b"] * 6) + " = 1}", 2),
    ],
)
def test_syntax_error_is_refused_with_its_line(text: str | bytes, line: int) -> None:
    """A file that is not TOML is refused with the line where it stops being that."""
    with pytest.raises(CatalogInvalid) as caught:
        read_catalog_text(text, "mine.toml")
    assert caught.value.fields["line"] == line
    assert caught.value.fields["path"] is None
    assert caught.value.detail.startswith(f"mine.toml: line {line}: ")


def test_points_in_a_text_are_no_parts_of_a_name() -> None:
    """A text may hold as many points as it likes."""
    title = "v1.2.3 … a.b ." + " and so on." * 15
    text = (ROOT / "catalogs/demo.toml").read_text("utf-8")
    assert read_catalog_text(re.sub('(?m)^title = ".*"$', f'title = "{title}"', text)).title == title


def test_mark_at_the_beginning_of_the_file_is_passed_over() -> None:
    """A file that an editor marked as UTF-8 is read like any other."""
    text = (ROOT / "catalogs/demo.toml").read_text("utf-8")
    assert read_catalog_text("\ufeff" + text) == read_catalog_text(("\ufeff" + text).encode()) == demo()


def test_every_example_of_the_description_is_a_catalog() -> None:
    """The smallest complete catalog of docs/catalog.md is read without a word."""
    page = (ROOT / "docs/catalog.md").read_text("utf-8")
    blocks = re.findall(r"^```toml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 1
    assert tuple(read_catalog_text(blocks[0]).products) == ("sketcher-4",)


def test_rights_stand_beside_reimaging_and_downgrade() -> None:
    """Every program carries reimaging and downgrade without a number, unless it says otherwise."""
    rights = read(edited(("programs/plain/rights", {"backup": 1, "downgrade": 0}))).programs
    assert rights["plain"].right_numbers == {"reimaging": None, "downgrade": 0, "backup": 1}
    assert rights["fixed"].right_numbers == {"reimaging": None, "downgrade": None}


def test_promises_survive_the_signed_form() -> None:
    """What products and programs promise is the same in the signed document."""
    edits = (
        (f"{P}/suite-1/downgrades", ["plugin-1"]),
        (f"{P}/suite-1/client_access", "seat-1"),
        (f"{P}/seat-1", {"name": "Seat", "group": "sampler", "kinds": ["cal"], "rule": "ours", "version": "1"}),
        ("programs/plain/rights", {"backup": 1}),
        ("programs/plain/keys", "purchase"),
    )
    catalog = read(edited(*edits))
    assert catalog_from(catalog_to(catalog)) == catalog
    assert catalog.products["suite-1"].client_access == "seat-1"


def test_description_names_every_member() -> None:
    """The page docs/catalog.md names every member of every table and every default of the policy."""
    page = (ROOT / "docs/catalog.md").read_text("utf-8")
    document = catalog_to(read(edited(("policy/max_lease_days", 180))))
    names = set(document) | set(document["policy"])
    for table in ("product_groups", "products", "host_platforms", "updates", "programs"):
        names |= {member for entry in document[table].values() for member in entry}
    names |= set(document["centers"][0]) | {"by_level", "bands", "per_license", "activations", "up_to"}
    assert {name for name in names if f"`{name}`" not in page} == set()
    for name, value in catalog_to(read(edited(("policy", None))))["policy"].items():
        if isinstance(value, int):
            assert re.search(rf"`{name}` \| integer [^|]*\| {value} \|", page), name


@pytest.mark.parametrize("catalog", [reference(), demo(), read(small())], ids=lambda catalog: catalog.title)
def test_signed_form_reads_back_as_the_same_catalog(catalog: Catalog) -> None:
    """A catalog written for signing, through JSON, reads back as the same catalog."""
    assert catalog_from(json.loads(json.dumps(catalog_to(catalog)))) == catalog


def test_signed_form_holds_no_null_and_every_default() -> None:
    """The signed form writes every figure out and holds no null, so that a later default changes nothing."""
    document = catalog_to(read(small()))
    assert "null" not in json.dumps(document)
    assert document["policy"]["lease_days"] == 180
    assert document["products"]["suite-1"]["channels"] == ["volume", "retail"]
    assert "id" not in document["products"]["suite-1"]
    assert "count_group" not in document["product_groups"]["sampler"]


def test_signed_form_passes_over_members_of_newer_versions() -> None:
    """A signed catalog of a newer version is read by an older program, which leaves alone what it does not know."""
    document = edited(("products/suite-1/delivery", "post"), ("rights", {"x": {}}), ("policy/moon_days", 1))
    assert catalog_from(document) == read(small())


def test_signed_form_is_judged_like_the_file() -> None:
    """A signed catalog that contradicts itself is refused as a file would be."""
    assert problems_of(lambda: catalog_from(edited(("products/suite-1/group", "x"))))[0][0] == "products.suite-1.group"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PLACES = st.sampled_from(
    [
        *small(),
        *(f"{table}/{key}" for table in (G, P, "policy", "programs") for key in small()[table]),
        *(f"{G}/{group}/{member}" for group in small()[G] for member in small()[G]["suite"]),
        *(f"{P}/{product}/{member}" for product in small()[P] for member in ("name", "group", "kinds", "channels")),
    ]
)


@given(place=PLACES, value=JSON.filter(lambda value: value is not None))
def test_any_value_anywhere_is_read_or_refused(place: str, value: object) -> None:
    """Whatever stands at any place of a signed catalog, it is either a catalog that reads back or `catalog_invalid`."""
    document = edited((place, value))
    try:
        catalog = catalog_from(document)
    except CatalogInvalid:
        return
    assert catalog_from(catalog_to(catalog)) == catalog


@given(text=st.text(max_size=60) | st.binary(max_size=60))
def test_any_file_is_read_or_refused(text: str | bytes) -> None:
    """Whatever a file holds, reading it gives a catalog or `catalog_invalid`."""
    with pytest.raises(CatalogInvalid):
        read_catalog_text(text)


def test_catalog_answers_for_its_ids() -> None:
    """A catalog finds groups by product and number, products by group, and the center of a country or the first."""
    catalog = read(small())
    assert catalog.group_of("plugin-1").id == "plugin"
    group = catalog.group_by_number(2)
    assert group is not None
    assert group.id == "plugin"
    assert catalog.group_by_number(99) is None
    assert catalog.groups_of_host_key("suite") == ("suite", "plugin")
    assert [product.id for product in catalog.products_of(("sampler",))] == ["sampler-1", "sampler-2"]
    center = catalog.center_for("SE")
    assert center is not None
    assert center.as_fields == {"country": "SE", "number": "+46 1", "hours": "never", "languages": []}
    assert catalog.center_for("DK") == catalog.center_for(None) == catalog.centers[0]
    assert read(edited(("centers", None))).center_for("SE") is None
