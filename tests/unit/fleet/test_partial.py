"""What is kept of a bundle's answers between runs: whole pages, whatever cut the file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from volact.errors import Refused
from volact.fleet.partial import opened_partial

PAGES = {0: [b"a", b"bb"], 1: [b"ccc"], 2: [b"d" * 100, b"e"]}


def stop(answer: Path, mark: str = "one", *, pages: dict[int, list[bytes]] = PAGES) -> None:
    """Keeps these pages and stops as a crash does."""
    with suppress(KeyboardInterrupt), opened_partial(answer, mark) as partial:
        for number, lines in pages.items():
            partial.add(number, lines)
        raise KeyboardInterrupt


def kept(answer: Path, mark: str = "one") -> tuple[list[int], list[bytes]]:
    """The pages that are there, and all their lines; nothing is lost by looking."""
    found: tuple[list[int], list[bytes]] = ([], [])
    with suppress(KeyboardInterrupt), opened_partial(answer, mark) as partial:
        found = [number for number in range(9) if partial.has(number)], list(partial.lines())
        raise KeyboardInterrupt
    return found


def test_pages_are_there_again_in_their_order(tmp_path: Path) -> None:
    """Pages that were answered in any order are there after a stop, and their lines in the order of the pages."""
    answer = tmp_path / "answer"
    stop(answer, pages=dict(reversed(PAGES.items())))
    assert kept(answer) == ([0, 1, 2], [line for lines in PAGES.values() for line in lines])


def test_a_file_cut_anywhere_keeps_whole_pages(tmp_path: Path) -> None:
    """However far the file was written, what is kept are whole pages, and the rest can be added again."""
    answer = tmp_path / "answer"
    stop(answer)
    whole = (tmp_path / "answer.partial").read_bytes()
    for length in range(len(whole)):
        (tmp_path / "answer.partial").write_bytes(whole[:length])
        pages, lines = kept(answer)
        assert pages == list(range(len(pages)))
        assert lines == [line for number in pages for line in PAGES[number]]
        stop(answer, pages={number: PAGES[number] for number in PAGES if number not in pages})
        assert kept(answer)[0] == [0, 1, 2]


def test_a_changed_byte_ends_what_is_kept(tmp_path: Path) -> None:
    """A page in which a byte was changed is not kept, nor is what follows it."""
    answer = tmp_path / "answer"
    stop(answer)
    file = tmp_path / "answer.partial"
    file.write_bytes(file.read_bytes().replace(b"ccc\n", b"cXc\n"))
    assert kept(answer) == ([0], PAGES[0])


def test_pages_of_another_bundle_are_dropped(tmp_path: Path) -> None:
    """What was answered of another bundle does not count for this one."""
    answer = tmp_path / "answer"
    stop(answer, "another")
    assert kept(answer) == ([], [])
    assert not (tmp_path / "answer.partial").exists()  # nothing was answered of this one either


def test_one_program_at_a_time(tmp_path: Path) -> None:
    """A second program is refused with `folder_in_use` while the first one asks, and the file is gone at the end."""
    answer = tmp_path / "answer"
    with opened_partial(answer, "one") as partial:
        partial.add(0, PAGES[0])
        with pytest.raises(Refused) as caught, opened_partial(answer, "one"):
            pass
        assert caught.value.code == "folder_in_use"
        assert partial.has(0)
    assert not (tmp_path / "answer.partial").exists()
