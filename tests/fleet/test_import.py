"""`volact fleet proxy import`: each computer gets its own, in any order, as often as one likes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.bundles import Site, codes
from tests.support.commands import volact
from volact.protocol.flows import read_answer_file


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Twelve computers of which ten are activated, and the answer to their bundle."""
    made = Site.make(tmp_path, activations=10, computers=12)
    made.export()
    assert made.answer_by_file().code == 0
    return made


def responses(folder: Path) -> dict[str, bytes]:
    """What lies in NAME.response files."""
    return {file.stem: file.read_bytes() for file in folder.glob("*.response")}


def test_f24_proxy_import_gives_each_computer_its_own(site: Site) -> None:
    """Beside each request that was granted lies the response that its computer believes, and no other."""
    said = site.import_answer()
    assert (said.code, said.data["written"]) == (0, 10)
    assert sorted(code or "" for code in codes(said)) == [""] * 10 + ["mak_exhausted"] * 2
    found = responses(site.requests)
    for name, data in found.items():
        read_answer_file(site.place.trust, (site.requests / f"{name}.request").read_bytes(), data=data)
    refused = {row["row"] for row in said.data["rows"] if row["code"]}
    assert found.keys() | refused == set(site.devices)


def test_imports_again_and_in_any_order_change_nothing(site: Site) -> None:
    """The same answer again, before and after those of other bundles, leaves the same responses."""
    site.import_answer()
    before, first = responses(site.requests), site.answer.read_bytes()
    site.add("late")
    site.place.allow(site.key, 50)
    site.export()
    assert site.answer_by_file().code == 0
    assert site.import_answer().data["written"] == 13
    later = responses(site.requests)
    site.answer.write_bytes(first)  # the older answer last
    assert site.import_answer().data["written"] == 10
    assert set(responses(site.requests)) == set(later) == {*site.devices}
    assert {name: data for name, data in responses(site.requests).items() if name in before} == before


def test_rows_of_no_request_here_are_named(site: Site) -> None:
    """A request that was removed or made anew leaves its row over, which is said; the others are imported."""
    site.place.allow(site.key, 50)
    site.answer_by_file()
    (site.requests / "pc-0001.request").unlink()
    site.add("pc-0002")
    said = site.import_answer()
    assert (said.code, said.data["written"]) == (0, 10)
    assert codes(said).count("request_not_here") == 2
    assert {"pc-0001", "pc-0002"}.isdisjoint(responses(site.requests))


def test_the_answer_of_another_fleet_is_refused(site: Site, tmp_path: Path) -> None:
    """An answer of which nothing belongs to the folder is refused, and nothing is written."""
    other = tmp_path / "other"
    other.mkdir()
    for folder in (other, site.requests):
        (folder / "stranger.request").write_bytes(b"no request")
    assert site.import_answer(other).refused == "answers_of_other_fleet"
    assert [each.name for each in other.iterdir()] == ["stranger.request"]
    assert volact("fleet", "proxy", "import", tmp_path / "absent", site.answer).error == "usage"


def test_copied_requests_get_the_response_both(site: Site) -> None:
    """Where a request lies in the folder twice, its response is written beside both."""
    shutil.copy(site.requests / "pc-0003.request", site.requests / "copy.request")
    site.place.allow(site.key, 50)
    site.answer_by_file()
    site.import_answer()
    found = responses(site.requests)
    assert found["copy"] == found["pc-0003"]


@pytest.mark.parametrize("change", ["cut", "edited", "a bundle"])
def test_a_damaged_answer_is_refused_before_anything_is_written(site: Site, change: str) -> None:
    """An answer that was cut or edited, or is none, is `bundle_damaged`, and no response is written."""
    whole = site.answer.read_bytes()
    half = len(whole) // 2
    edited = whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :]
    site.answer.write_bytes({"cut": whole[:half], "edited": edited, "a bundle": site.bundle.read_bytes()}[change])
    assert site.import_answer().refused == "bundle_damaged"
    assert responses(site.requests) == {}


def test_a_person_sees_what_was_written(site: Site) -> None:
    """Without --json an import says how many responses are written, and why the others are not."""
    said = volact("fleet", "proxy", "import", site.requests, site.answer, json=False)
    assert "10 responses written" in said.out
    assert "[mak_exhausted]" in said.out
