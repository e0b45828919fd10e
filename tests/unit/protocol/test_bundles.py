"""Bundles and their answers: whole or refused, whatever was done to the file; pages that are always the same."""

import itertools
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from vectors.answers import ACTIVATE, RENEW_HOST
from vectors.bundles import ANSWER, DOCUMENTS, FOREIGN, GRANT, LINES, REFUSED, REQUESTS, RESULTS, ROWS, WHOLE

from vectors import cast
from volact.credential.jws import sign_flattened
from volact.credential.request import sign_request
from volact.errors import Malformed, Refused
from volact.protocol import bundles, messages, results, seals
from volact.protocol.bundles import PAGE_LIMIT, PAGE_ROWS, Row

DATA = WHOLE.encode()


def read(data: bytes) -> list[Row]:
    """Every row of a bundle."""
    return list(bundles.read_bundle(data.splitlines(keepends=True))[1])


def code_of(attempt) -> str:
    """The code that refuses the attempt."""
    with pytest.raises((Refused, Malformed)) as caught:
        attempt()
    return caught.value.code


@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_no_byte_of_a_bundle_can_be_changed(place, change):
    """A bundle of which any byte was changed is damaged, and no code but that one comes of it."""
    edited = bytearray(DATA)
    edited[place] ^= change
    assert code_of(lambda: read(bytes(edited))) == "bundle_damaged"


@given(st.integers(0, len(DATA) - 1))
def test_a_bundle_cut_anywhere_is_damaged(length):
    """A bundle that was cut, wherever, is damaged."""
    assert code_of(lambda: read(DATA[:length])) == "bundle_damaged"


@given(st.binary(max_size=300))
def test_whatever_is_no_bundle_is_damaged(data):
    """Bytes that are no bundle are damaged, and bring out nothing else."""
    assert code_of(lambda: read(data)) == "bundle_damaged"


def test_two_bundles_in_one_file_are_damaged():
    """Two bundles that were joined are no bundle."""
    assert code_of(lambda: read(DATA + DATA)) == "bundle_damaged"


def test_more_rows_than_a_bundle_may_have():
    """A file with more rows than any bundle has is refused while it is read, before all of it is."""
    lines = iter([b"head\n", *([b"row\n"] * (seals.MOST_ROWS + 2))])
    with pytest.raises(Refused, match="more than"):
        for _ in seals.opened(lines):
            pass
    assert next(lines, None) is None


@given(st.lists(st.integers(1, 16_000), max_size=300))
@example([16_000] * 9)
@example([1] * (2 * PAGE_ROWS))
def test_pages_hold_every_row_once_in_order(sizes):
    """Pages hold all rows in their order, none beyond its limits, and as many in each as fit."""
    rows = [Row(str(number), b"x" * size) for number, size in enumerate(sizes)]
    made = list(bundles.pages(rows))
    assert [row for page in made for row in page] == rows
    assert all(len(bundles.page_body(page)) <= PAGE_LIMIT and len(page) <= PAGE_ROWS for page in made)
    for page, after in itertools.pairwise(made):
        full = len(bundles.page_body((*page, after[0]))) > PAGE_LIMIT
        assert full or len(page) == PAGE_ROWS


def test_a_page_is_read_as_it_was_sent():
    """A page holds the rows that were sent, whatever publisher they ask."""
    assert bundles.read_page(bundles.page_body([*ROWS, FOREIGN])) == (*ROWS, FOREIGN)
    assert code_of(lambda: bundles.read_page(bundles.page_body(ROWS)[:-1])) == "request_malformed"
    assert code_of(lambda: bundles.read_page(b"")) == "request_malformed"
    assert code_of(lambda: bundles.read_page(b"\n")) == "request_malformed"
    assert code_of(lambda: bundles.read_page(b"\n" * 200)) == "request_too_large"
    assert len(bundles.read_page(bundles.page_body(ROWS[:1] * PAGE_ROWS))) == PAGE_ROWS


def test_a_request_becomes_the_same_row_whatever_white_space_it_has():
    """A request file with white space around its members is the row that it is without."""
    spaced = json.dumps(json.loads(REQUESTS[0]), indent=2).encode()
    assert (
        bundles.read_row(spaced)
        == bundles.read_row(REQUESTS[0])
        == (bundles.read_row(REQUESTS[0]).row, "acme.example", "activate")
    )


def test_a_row_asks_a_publisher():
    """What asks no publisher is no row."""
    for payload in (b"[]", b"{}", b'{"aud":1}'):
        data = sign_flattened(payload, typ="volact-request+jws", signer=cast.DEVICE)
        assert code_of(lambda data=data: bundles.read_row(data)) == "request_malformed"
    unnamed = sign_flattened(b'{"aud":"acme.example"}', typ="volact-request+jws", signer=cast.DEVICE)
    assert bundles.read_row(unnamed).op == ""


def test_two_requests_of_the_same_content_by_two_keys_are_two_rows():
    """The key that signs is part of what names a row, so that nobody takes the place of another's request."""
    one, other = (bundles.read_row(sign_request(ACTIVATE, key))[0] for key in (cast.DEVICE, cast.OTHER_DEVICE))
    assert one.digest != other.digest


def test_bundles_are_told_from_requests():
    """The first bytes of a file tell whether it is a bundle."""
    assert bundles.is_bundle(DATA)
    assert not bundles.is_bundle(REQUESTS[0])
    assert not bundles.is_bundle(sign_request(RENEW_HOST, cast.DEVICE))


def test_a_pages_results_answer_its_rows():
    """The results of a page are believed to be its own only if each names its row."""
    body = b"".join(line + b"\n" for line in RESULTS)
    assert results.page_lines(body, ROWS) == tuple(RESULTS)
    for wrong in (body[:-1], body + b"{}\n", b"", b"\n".join(RESULTS[::-1]) + b"\n", body.replace(b"digest", b"rid")):
        assert code_of(lambda wrong=wrong: results.page_lines(wrong, ROWS)) == "request_malformed"


def test_a_granted_row_becomes_the_answer_file_of_its_computer():
    """A row's credential with the head's documents is the answer file that the row's computer believes."""
    documents, rows = results.read_answers(ANSWER.encode().splitlines(keepends=True))
    granted, *refused = list(rows)
    made = results.response(documents, granted)
    assert messages.decode_file(messages.encode(made)) == made
    assert (made.credential, made.roots, made.revocations) == (GRANT.credential, DOCUMENTS.roots, DOCUMENTS.revocations)
    assert [each.refusal for each in refused] == [REFUSED] * 2


def test_a_notice_travels_with_its_row():
    """The notice of a repeated answer is in the result of its row and in its computer's answer file."""
    told = messages.Answer(credential=GRANT.credential, versions=GRANT.versions, notice="key_blocked")
    result = results.read_result(results.granted_line(ROWS[0].digest, told))
    assert result.notice == results.response(DOCUMENTS, result).notice == "key_blocked"


def test_a_refusals_fields_travel_with_its_row():
    """What a refusal says beside its code, as which center to call, comes back with the row."""
    refusal = results.Refusal("mak_exhausted", "all are used", {"center": {"name": "Oslo", "number": "+47 1"}})
    assert results.read_result(results.refused_line(ROWS[0].digest, refusal)).refusal == refusal


def test_a_bundle_holds_its_rows_and_nothing_else():
    """Between head and seal a bundle has the requests as they were signed, and not one byte more."""
    head, *rows, seal = DATA.split(b"\n")[:-1]
    assert head == b'{"bundle":1,"publisher":"acme.example"}'
    assert rows == LINES == sorted(REQUESTS, key=lambda each: bundles.read_row(each)[0].digest)
    assert set(json.loads(seal)) == {"rows", "sha256"}
