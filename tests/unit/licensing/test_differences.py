"""What one catalog says otherwise than another."""

from __future__ import annotations

from tests.unit.licensing.builders import demo, edited, read, reference, small
from volact.licensing.differences import Difference, Figure, differences


def found(*edits: tuple[str, object]) -> tuple[Difference, ...]:
    """What an edit of the small catalog changes."""
    return differences(read(small()), read(edited(*edits)))


def test_a_catalog_differs_in_nothing_from_itself() -> None:
    """A catalog compared with itself has no difference."""
    assert found() == ()
    assert differences(reference(), reference()) == ()


def test_a_figure_is_told_with_its_path_before_and_after() -> None:
    """A changed figure names its entry, its path, what it was and what it is."""
    (policy,) = found(("policy/grace_days", 45))
    assert (policy.table, policy.id, policy.name) == ("policy", "policy", "policy")
    assert policy.figures == (Figure("grace_days", "30", "45"),)
    (title,) = found(("title", "Music"))
    assert title.figures == (Figure("", "Music software", "Music"),)
    (group,) = found(("product_groups/suite/threshold", 4))
    assert (group.table, group.id, group.name) == ("product_groups", "suite", "Suite")
    assert group.figures == (Figure("threshold", "3", "4"),)


def test_lists_and_tables_within_an_entry_are_figures_too() -> None:
    """A list of words is one figure; a line of a list of tables and a table's member are figures by their paths."""
    (product,) = found(("products/sampler-2/kinds", ["mak", "retail"]))
    assert product.figures[0] == Figure("kinds", "mak", "mak, retail")
    assert product.figures[1] == Figure("channels", "volume", "volume, retail")
    (bands,) = found(
        ("programs/bands/allowance/bands", [{"up_to": 5, "activations": 8}, {"up_to": 9, "activations": 20}])
    )
    assert bands.figures == (Figure("allowance.bands[1].activations", "9", "8"),)
    (hosts,) = found(("product_groups/suite/hosts/linux", "never"))
    assert hosts.figures == (Figure("hosts.linux", "yes", "never"),)
    (virtual,) = found(("products/plugin-1/counts_virtual", True))
    assert virtual.figures == (Figure("counts_virtual", "no", "yes"),)


def test_entries_that_come_and_go_are_told_whole() -> None:
    """An entry that one catalog alone has is new or gone, with all of its figures."""
    (gone,) = found(("products/sampler-2", None))
    assert gone.is_gone
    assert not gone.is_new
    assert gone.name == "Sampler 2"
    assert all(figure.new is None for figure in gone.figures)
    assert Figure("group", "sampler", None) in gone.figures
    (new,) = differences(read(edited(("products/sampler-2", None))), read(small()))
    assert new.is_new
    assert not new.is_gone
    assert Figure("kinds", None, "mak") in new.figures


def test_centers_are_told_by_country_and_number() -> None:
    """A center has no id: it is called by its country and its number."""
    gone = [each for each in differences(reference(), demo()) if each.table == "centers" and each.is_gone]
    assert {each.id for each in gone} == {f"{each.country} {each.number}" for each in reference().centers} - {
        f"{each.country} {each.number}" for each in demo().centers
    }
