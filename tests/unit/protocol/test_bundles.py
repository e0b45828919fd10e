"""Bundles: line by line, whole or not at all, and in them nothing but what computers signed."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volact.errors import Malformed
from volact.protocol import bundles
from volact.protocol.bundles import AnsweredRow, AnswersHead, BundleHead, Lines
from volact.protocol.messages import Versions

HEAD = BundleHead(bundle=1, publisher="acme.example")
rows = st.lists(
    st.binary(min_size=1, max_size=60).filter(lambda row: b"\n" not in row and b"\r" not in row), max_size=20
)


def written(content: list[bytes]) -> list[bytes]:
    """The lines of a bundle."""
    lines = Lines()
    return [lines.head(HEAD), *(lines.row(row) for row in content), lines.end()]


def code(lines: list[bytes]) -> str | None:
    """The code that reading the rows is refused with."""
    try:
        list(bundles.read_rows(lines[1:]))
    except Malformed as err:
        return err.code
    return None


@given(rows)
def test_what_is_written_is_read(content: list[bytes]) -> None:
    """Head and rows come back as they were written, and a bundle holds its rows' bytes and three figures, no more."""
    lines = written(content)
    assert bundles.read_head(lines[0], BundleHead) == HEAD
    assert list(bundles.read_rows(lines[1:])) == content
    assert msgspec.json.decode(lines[-1]).keys() == {"rows", "sha256"}
    assert msgspec.json.decode(lines[0]) == {"bundle": 1, "publisher": "acme.example"}


@given(rows, st.data())
def test_a_bundle_that_is_cut_or_changed_anywhere_is_refused(content: list[bytes], data: st.DataObject) -> None:
    """Cut at any byte, with a row twice, gone, moved or changed: it is `bundle_damaged`."""
    whole = b"".join(written(content)[1:])
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert code([b"", *cut.splitlines(keepends=True)]) == "bundle_damaged"
    if content:
        at = data.draw(st.integers(0, len(content) - 1))
        end = written(content)[-1:]
        for other in (
            content[:at] + content[at + 1 :],
            [*content, content[at]],
            [*content[:at], b"x" * 61, *content[at + 1 :]],
        ):
            assert code([b"", *(row + b"\n" for row in other), *end]) == "bundle_damaged"


@pytest.mark.parametrize("row", [b"", b"a\nb", b"a\rb", b"x" * (64 * 1024 + 1)])
def test_a_row_is_one_line(row: bytes) -> None:
    """What is empty, longer than 64 KiB, or more than one line is no row."""
    with pytest.raises(Malformed) as caught:
        Lines().row(row)
    assert caught.value.code == "bundle_damaged"


@pytest.mark.parametrize(
    "line", [b"", b"{}", b'{"bundle":2,"publisher":"acme.example"}', b'{"bundle":1,"publisher":"A"}', b"["]
)
def test_a_head_is_what_it_has_to_be(line: bytes) -> None:
    """A file that begins in another way is no bundle."""
    with pytest.raises(Malformed) as caught:
        bundles.read_head(line, BundleHead)
    assert caught.value.code == "bundle_damaged"


def test_an_answer_is_a_credential_or_a_problem() -> None:
    """A row of the answers has one of both, and is found by the digest of its request."""
    given_one = AnsweredRow(request=bundles.row_digest(b"r"), credential="c")
    refused = AnsweredRow(request=bundles.row_digest(b"s"), problem={"code": "mak_exhausted"})
    assert [bundles.read_answered(bundles.write_answered(row)) for row in (given_one, refused)] == [given_one, refused]
    assert (given_one.code, refused.code) == (None, "mak_exhausted")
    for line in (b'{"request":"x"}', b'{"request":"x","credential":"c","problem":{}}', b"{}"):
        with pytest.raises(Malformed):
            bundles.read_answered(line)


def test_answers_begin_with_what_computers_may_be_behind_on() -> None:
    """The head of the answers has versions, roots and list, and is read back."""
    head = AnswersHead(
        answers=1, publisher="acme.example", versions=Versions(1, 1, 1), roots=("r",), revocations="l", checkpoint="c"
    )
    assert bundles.read_head(Lines().head(head), AnswersHead) == head


@given(st.lists(st.integers(1, 40_000), max_size=400))
def test_pages_are_as_large_as_a_service_takes(sizes: list[int]) -> None:
    """No page has more than 256 rows or 64 KiB, and together they are the rows in their order."""
    content = [b"x" * size for size in sizes]
    found = list(bundles.pages(content))
    assert [row for page in found for row in page] == content
    for page in found:
        assert 1 <= len(page) <= bundles.PAGE_ROWS
        assert sum(len(row) + 1 for row in page) <= bundles.PAGE_BYTES
