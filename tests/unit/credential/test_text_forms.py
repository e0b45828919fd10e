"""Encodings and strict JSON: what is written is read back, and only one spelling is read."""

import base64
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volact.credential import strictjson
from volact.credential.encoding import ALPHABET, b64, crockford, dated, digest, symbols, unb64, uncrockford
from volact.errors import Malformed

BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('abc\\"\u00e9', max_size=4), inner, max_size=3),
    max_leaves=8,
)


def depth(value: object) -> int:
    """How deep a value is nested."""
    if not isinstance(value, (list, dict)):
        return 0
    return 1 + max((depth(inner) for inner in (value.values() if isinstance(value, dict) else value)), default=0)


@given(st.binary(max_size=70))
def test_bytes_come_back_from_base64url(data):
    """Bytes written as base64url are read back, and the text is that of RFC 4648 without padding."""
    assert unb64(b64(data)) == data
    assert b64(data) == base64.urlsafe_b64encode(data).decode().rstrip("=")


@given(st.text(BASE64URL + "=+/ \n", max_size=9))
def test_base64url_has_one_spelling(text):
    """A text of base64url is read only if the bytes that it means are written as that very text."""
    try:
        assert b64(unb64(text)) == text
    except Malformed:
        assert len(text) % 4 == 1 or not set(text) <= set(BASE64URL) or _spare_bits(text)


def _spare_bits(text: str) -> int:
    """The bits of the last symbol that no byte uses."""
    return BASE64URL.index(text[-1]) & {0: 0, 2: 15, 3: 3}[len(text) % 4]


@given(st.integers(1, 30), st.data())
def test_numbers_come_back_from_crockford(symbols, data):
    """A number written in Crockford symbols is read back."""
    number = data.draw(st.integers(0, 32**symbols - 1))
    assert uncrockford(crockford(number, symbols), symbols) == number


@given(st.text(ALPHABET + "oOiIlLuU- a\n", min_size=3, max_size=3))
def test_crockford_is_read_in_capitals_alone(text):
    """A text of Crockford symbols is read only if it is written as it is printed."""
    try:
        assert crockford(uncrockford(text, 3), 3) == text
    except Malformed:
        assert not set(text) <= set(ALPHABET)


@pytest.mark.parametrize("number", [-1, 32])
def test_a_number_that_does_not_fit_is_not_written(number):
    """A number that needs more symbols than are given is not written."""
    with pytest.raises(ValueError, match="does not fit"):
        crockford(number, 1)


def test_a_digest_is_sha_256_as_base64url():
    """A digest is SHA-256 as base64url of 43 characters."""
    assert digest(b"") == "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"


@given(VALUES)
def test_strict_json_comes_back(value):
    """A value without fractions that is written as strict JSON is read back, unless it is nested too deep."""
    if depth(value) > strictjson.MAX_DEPTH:
        with pytest.raises(Malformed, match="nested"):
            strictjson.loads(strictjson.dumps(value))
    else:
        assert strictjson.loads(strictjson.dumps(value)) == value
        assert strictjson.loads(json.dumps(value)) == value


@given(st.text('{}[]",:0123456789.eE-+ntf\\u\u00e9 ', max_size=20))
def test_strict_json_reads_nothing_that_json_refuses(text):
    """A text that strict JSON reads means the same to an ordinary reader."""
    try:
        value = strictjson.loads(text)
    except Malformed:
        return
    assert json.loads(text) == value


@given(st.binary(max_size=30))
def test_any_bytes_are_read_or_refused(data):
    """Any bytes at all are read or are malformed, and nothing else happens."""
    with suppress(Malformed):
        strictjson.loads(data)


def test_a_text_with_a_lone_surrogate_is_refused():
    """A text that holds a lone surrogate itself is malformed."""
    with pytest.raises(Malformed):
        strictjson.loads('"\ud800"')


def test_an_escaped_surrogate_pair_in_a_name_is_read():
    """A surrogate pair is one character, in a name as elsewhere."""
    assert strictjson.loads('{"\\ud83d\\ude00":[{}]}') == {"😀": [{}]}


@given(st.binary(max_size=40))
def test_symbols_of_random_bytes(random):
    """An identifier has one symbol for each random byte, of its low five bits."""
    text = symbols(random)
    assert [ALPHABET.index(symbol) for symbol in text] == [byte & 31 for byte in random]


def test_identifiers_that_begin_with_their_time_stand_in_its_order() -> None:
    """An identifier has 26 symbols; of two the one of the later millisecond comes later, whatever was drawn."""
    first, second = dated(1_795_511_600_000, b"\xff" * 16), dated(1_795_511_600_001, b"\x00" * 16)
    assert (len(first), first < second) == (26, True)
    assert first[10:] == "Z" * 16
