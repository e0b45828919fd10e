"""Which edits of a catalog may follow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.licensing.builders import code_of, edited, read, small
from volact.errors import Refusal
from volact.licensing.succession import check_successor


def judged(
    *edits: tuple[str, object],
    groups: tuple[str, ...] = (),
    products: tuple[str, ...] = (),
    programs: tuple[tuple[str, str | None], ...] = (),
) -> Refusal | None:
    """What an edit of the small catalog is answered after keys were issued."""
    return check_successor(
        read(small()),
        read(edited(*edits)),
        issued_groups=groups,
        issued_products=products,
        issued_programs=programs,
    )


WITHOUT_SAMPLER: tuple[tuple[str, object], ...] = (
    ("product_groups/sampler", None),
    ("products/sampler-1", None),
    ("products/sampler-2", None),
)
WITHOUT_PLUGIN: tuple[tuple[str, object], ...] = (
    ("product_groups/plugin", None),
    ("products/plugin-1", None),
    ("product_groups/suite/activates", []),
)
BREAKS: dict[str, tuple[tuple[tuple[str, object], ...], dict[str, Any], str]] = {
    "group gone": (WITHOUT_SAMPLER, {"groups": ("sampler",)}, "product_groups.sampler"),
    "served group gone": (WITHOUT_PLUGIN, {"groups": ("suite",)}, "product_groups.plugin"),
    "group renumbered": ((("product_groups/suite/number", 9),), {"groups": ("suite",)}, "product_groups.suite.number"),
    "served group renumbered": (
        (("product_groups/plugin/number", 9),),
        {"groups": ("suite",)},
        "product_groups.plugin.number",
    ),
    "kind gone": (
        (("product_groups/suite/kinds", ["mak", "host"]),),
        {"groups": ("suite",)},
        "product_groups.suite.kinds",
    ),
    "product gone": ((("products/sampler-2", None),), {"groups": ("sampler",)}, "products.sampler-2"),
    "activated product gone": ((("products/sampler-2", None),), {"products": ("sampler-2",)}, "products.sampler-2"),
    "product of another group": (
        (("products/sampler-2/group", "suite"),),
        {"products": ("sampler-2",)},
        "products.sampler-2.group",
    ),
    "kind of product gone": (
        (("products/plugin-1/kinds", ["mak"]),),
        {"groups": ("suite",)},
        "products.plugin-1.kinds",
    ),
    "price level gone": (
        (("programs/level/allowance", {"by_level": {"B": 5}}),),
        {"programs": (("level", "A"), ("level", "B"))},
        "programs.level.allowance.by_level",
    ),
    "trial kind gone": (
        (("product_groups/suite/kinds", ["mak", "host"]),),
        {"groups": ("suite",), "products": ("suite-1",)},
        "product_groups.suite.kinds",
    ),
    "granted product gone": ((("products/sampler-1", None),), {"products": ("sampler-1",)}, "products.sampler-1"),
    "program gone": ((("programs/plain", None),), {"programs": (("plain", None),)}, "programs.plain"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_edit_that_breaks_what_was_issued_is_refused(name: str) -> None:
    """An edit that takes away what keys, activations or agreements stand on is refused with the path."""
    edits, issued, path = BREAKS[name]
    answer = judged(*edits, **issued)
    assert code_of(answer) == "catalog_invalid"
    assert answer is not None
    assert answer.fields["path"] == path
    assert answer.detail.startswith(f"{path}: ")
    assert judged(*edits) is None, "without keys it may follow"


def test_several_broken_promises_are_told_at_once() -> None:
    """A refused edit lists every promise that it breaks."""
    answer = judged(*WITHOUT_SAMPLER, groups=("sampler",))
    assert answer is not None
    assert answer.detail.endswith("(and 2 more)")
    problems = answer.fields["problems"]
    assert isinstance(problems, list)
    assert [problem["path"] for problem in problems] == [
        "product_groups.sampler",
        "products.sampler-1",
        "products.sampler-2",
    ]


def test_figures_and_new_entries_may_follow() -> None:
    """Names, figures, thresholds, tables of hosts, allowances, and what is new may change after keys were issued."""
    answer = judged(
        ("product_groups/suite/threshold", 50),
        ("product_groups/suite/name", "Suite, renamed"),
        ("product_groups/suite/hosts", {"linux": "never"}),
        ("product_groups/extra", {"name": "Extra", "number": 77, "pool": "studio", "kinds": ["mak"]}),
        ("products/extra-1", {"name": "Extra 1", "group": "extra"}),
        ("programs/fixed/allowance", {"activations": 8}),
        ("policy/lease_days", 90),
        groups=("suite", "sampler"),
        products=("suite-1", "sampler-1"),
        programs=(("fixed", "A"), ("plain", None)),
    )
    assert answer is None


def test_levels_and_retirement_may_follow() -> None:
    """A program may gain levels, lose those that nobody has, or all of them; products and programs may be retired."""
    agreed: tuple[tuple[str, str | None], ...] = (("level", "A"), ("level", None))
    for levels in ({"A": 1}, {"A": 9, "B": 5, "C": 2}):
        assert judged(("programs/level/allowance", {"by_level": levels}), programs=agreed) is None
    assert judged(("programs/level/allowance", {"activations": 5}), programs=agreed) is None
    assert judged(("programs/level/retired", True), ("products/suite-1/retired", True), programs=agreed) is None


def test_level_that_the_old_catalog_lacked_breaks_nothing() -> None:
    """A level on record that already the old catalog lacked keeps no edit back."""
    assert judged(("programs/level/allowance", {"by_level": {"A": 1}}), programs=(("level", "Z"),)) is None


def test_what_the_old_catalog_did_not_know_breaks_nothing() -> None:
    """Groups and products on record that already the old catalog lacked keep no edit back."""
    assert judged(groups=("ancient",), products=("ancient-1",)) is None
