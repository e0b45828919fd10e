"""`volact fleet proxy request` and `service answer` with a bundle: whole, stopped, cut, edited, exhausted."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.support.bundles import Site, codes
from tests.support.service import Device, Place, start
from tests.support.trouble import troubled
from volact.protocol.bundles import bundle_lines, pages, read_row
from volact.protocol.flows import read_answer_file
from volact.protocol.messages import encode
from volact.protocol.results import response

MANY = 1_500


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Twenty computers whose key has room for all of them."""
    made = Site.make(tmp_path, activations=50, computers=20)
    made.export()
    return made


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Very many computers, of which a test makes a copy for itself."""
    made = Site.make(tmp_path_factory.mktemp("large"), activations=2 * MANY, computers=MANY)
    made.export()
    return made


@pytest.fixture
def many(large: Site, tmp_path: Path) -> Site:
    """A copy of the large site, of which nothing is activated."""
    shutil.copytree(large.folder, tmp_path, dirs_exist_ok=True)
    return Site(tmp_path, Place(tmp_path / "service", large.place.publisher, large.place.licensing_id), large.key)


def test_f24_proxy_request_answers_every_row_so_that_its_computer_believes_it(site: Site) -> None:
    """Each computer believes the response that was made of its row, and the bundle's answer is that of the file's."""
    with site.place.running() as running:
        said = site.ask(running.url)
    assert (said.code, said.data["activated"], codes(said)) == (0, 20, [None] * 20)
    documents, results = site.answered
    bodies = {read_row(row.line)[0].digest: row.line for row in site.rows}
    for result in results:
        read_answer_file(site.place.trust, bodies[result.digest], data=encode(response(documents, result)))
    assert site.used == 20
    by_hand = results
    assert site.answer_by_file().code == 0  # the same bundle, later, by another way: the same activations
    assert [each.credential for each in site.answered[1]] == [each.credential for each in by_hand]
    assert site.used == 20


def test_a_bundle_may_be_sent_as_often_as_one_likes(site: Site) -> None:
    """The same bundle sent again is answered again, by the same activations, and takes nothing."""
    with site.place.running() as running:
        first = (site.ask(running.url), site.answer.read_bytes())
        again = (site.ask(running.url), site.answer.read_bytes())
    assert lines_of(first[1]) == lines_of(again[1])
    assert (first[0].code, again[0].code, site.used) == (0, 0, 20)


@pytest.mark.parametrize("way", ["online", "file"])
def test_f24_proxy_exhausted_key_activates_the_first_rows(tmp_path: Path, way: str) -> None:
    """Where the key ends within a bundle, the first rows are activated, and the rest say why and whom to call."""
    site = Site.make(tmp_path, activations=7, computers=20)
    site.export()
    if way == "file":
        said = site.answer_by_file()
    else:
        with site.place.running() as running:
            said = site.ask(running.url)
    assert said.code == 0
    assert codes(said) == [None] * 7 + ["mak_exhausted"] * 13
    assert site.used == 7
    assert all(each.refusal.fields["center"] for each in site.answered[1] if each.refusal)
    site.place.allow(site.key, 20)
    assert codes(site.answer_by_file()) == [None] * 20  # the same bundle once there is room


def test_a_killed_request_goes_on_from_its_pages(many: Site) -> None:
    """Killed in the middle, the same command asks for what was not answered, and the whole takes each row once."""
    with many.place.running() as running:
        asking = many.start_asking(running.url)
        partial = many.answer.with_name("in.answer.partial")
        until = time.monotonic() + 60
        while _pages_in(partial) < 2 and time.monotonic() < until:
            assert asking.poll() is None, "it was done before it was killed"
        asking.kill()
        asking.wait()
        kept = _pages_in(partial)
        assert not many.answer.exists()
        said = many.ask(running.url)
    assert (said.code, said.data["activated"], many.used) == (0, MANY, MANY)
    assert not partial.exists()
    told = Counter(json.loads(line)["code"] for line in _log(many.place) if '"request"' in line)
    in_flight = 4 + 1  # on their way, and one whose results were being written
    rows_of_page = max(len(page) for page in pages(many.rows))
    assert told["granted"] == MANY
    assert told["repeated"] <= in_flight * rows_of_page
    assert kept >= 2


def test_a_request_outlives_the_service(many: Site) -> None:
    """A service that is killed and comes back within the minute is asked again, and nothing is counted twice."""
    running = start(many.place.folder)
    port = running.url.rsplit(":", 1)[1]
    asking = many.start_asking(running.url)
    try:
        partial, until = many.answer.with_name("in.answer.partial"), time.monotonic() + 60
        while _pages_in(partial) < 2 and time.monotonic() < until:
            assert asking.poll() is None, "it was done before the service was killed"
        running.kill()
        running = start(many.place.folder, bind=f"127.0.0.1:{port}")
        assert asking.wait(60) == 0
    finally:
        running.stop()
        asking.kill()
        asking.wait()
    assert len(many.answered[1]) == many.used == MANY


@pytest.mark.parametrize("trouble", ["503", "429", "cut", "nobody"])
def test_trouble_on_the_way_is_waited_for(site: Site, trouble: str) -> None:
    """What is busy, away or cut off in the middle is asked again, and a Retry-After is kept to."""
    with site.place.running() as running, troubled(running.url, trouble) as url:
        said = site.ask(url)
    assert (said.code, codes(said), site.used) == (0, [None] * 20, 20)


def test_a_service_that_never_answers_leaves_what_was_answered(many: Site) -> None:
    """What is refused for good ends the command with its code; what was answered before is kept for the next one."""
    partial = many.answer.with_name("in.answer.partial")
    with (
        many.place.running() as running,
        troubled(running.url, "404 after two", until=lambda: _pages_in(partial) == 2) as url,
    ):
        assert many.ask(url).refused == "not_found"
        assert _pages_in(partial) == 2
        assert many.ask(running.url).data["activated"] == MANY


def test_an_answer_to_other_rows_is_not_kept(site: Site) -> None:
    """Results that answer other rows than were asked end the command, and none of them is kept."""
    with site.place.running() as running, troubled(running.url, "another") as url:
        assert site.ask(url).refused == "answer_untrusted"
        assert not site.answer.with_name("in.answer.partial").exists()
        assert codes(site.ask(url)) == [None] * 20


def test_two_programs_do_not_ask_for_one_answer(site: Site) -> None:
    """While one program asks for an answer, another one is refused, and disturbs nothing."""
    partial = site.answer.with_name("in.answer.partial")
    with site.place.running() as running, troubled(running.url, "slow") as url:
        asking = site.start_asking(url)
        until = time.monotonic() + 30
        while not partial.exists() and time.monotonic() < until:
            pass
        assert site.ask(running.url).refused == "folder_in_use"
        assert asking.wait(60) == 0
    assert len(site.answered[1]) == 20


def test_damaged_bundles_are_refused_before_anything_is_asked(site: Site) -> None:
    """A bundle that is cut, edited, joined, or holds a row twice is `bundle_damaged` either way, and takes nothing."""
    whole, rows = site.bundle.read_bytes(), site.rows
    twice = b"".join(bundle_lines("acme.example", [rows[0], *rows]))
    with site.place.running() as running:
        for data in (
            whole[: len(whole) // 2],
            whole.replace(b'"rows":20', b'"rows":21'),
            whole + whole,
            twice,
            whole[1:],
        ):
            site.bundle.write_bytes(data)
            assert site.ask(running.url).refused == "bundle_damaged"
            if data is not whole[1:] and data.startswith(b'{"bundle"'):
                assert site.answer_by_file().refused == "bundle_damaged"
    assert site.used == 0
    assert not site.answer.exists()
    assert not site.answer.with_name("in.answer.partial").exists()


def test_a_bundle_of_another_publisher_is_refused(site: Site) -> None:
    """A bundle that asks another publisher is refused as a whole by every way, before anything is asked."""
    row = read_row(Device("other.example").activate(site.key, "tracer-9", via="file")).row
    site.bundle.write_bytes(b"".join(bundle_lines("other.example", [row])))
    with site.place.running() as running:
        assert site.ask(running.url).refused == "bundle_of_other_publisher"
    assert site.answer_by_file().refused == "bundle_of_other_publisher"
    assert not site.answer.exists()


def test_a_bundle_a_year_later(site: Site) -> None:
    """Requests are answered for 180 days: a bundle of last year is refused row by row, and takes nothing."""
    said = site.answer_by_file(shift="+366d")
    assert (said.code, set(codes(said)), site.used) == (0, {"clock_out_of_range"}, 0)
    assert set(codes(site.answer_by_file())) == {None}


def test_a_person_sees_what_became_of_the_rows(tmp_path: Path) -> None:
    """Without --json a run says how many rows were granted and why others were not."""
    site = Site.make(tmp_path, activations=1, computers=3)
    site.export()
    with site.place.running() as running:
        said = site.ask(running.url, json=False)
    assert said.code == 0
    assert "1 of 3 activated" in said.out
    assert "2   The key has no activations left" in said.out
    assert "[mak_exhausted]" in said.out


def lines_of(data: bytes) -> list[bytes]:
    """The results in an answer."""
    return data.splitlines()[1:-1]


def _pages_in(partial: Path) -> int:
    return partial.read_bytes().count(b'{"page":') if partial.exists() else 0


def _log(place: Place) -> list[str]:
    return place.folder.with_suffix(".log").read_text().splitlines()
