"""JSON Web Signatures: what is signed is read back, and nothing else passes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectors.cast import DEVICE, P256, ROOT_1, ROOT_2

from volact.credential import jws
from volact.errors import Malformed, Untrusted

TYPS = st.sampled_from(["volact-lease+jwt", "volact-request+jws"])
SIGNERS = st.sampled_from([DEVICE, P256])


@given(st.binary(max_size=200), TYPS, SIGNERS)
def test_tokens_come_back(payload, typ, signer):
    """What is signed in any of the three forms is read back and holds."""
    compact = jws.parse_compact(jws.sign_compact(payload, typ=typ, signer=signer), typ=typ)
    flat = jws.parse_flattened(jws.sign_flattened(payload, typ=typ, signer=signer), typ=typ)
    wide = jws.parse_general(jws.sign_general(payload, typ=typ, signers=(signer, ROOT_1)), typ=typ)
    for token, key in ((compact, signer), (flat, signer), (wide[0], signer), (wide[1], ROOT_1)):
        jws.check(token, key.public)
        assert token.payload == payload


@given(st.integers(0, 400), st.sampled_from("AQgw-_.= \n\u00e9"))
def test_an_altered_token_is_never_believed(place, symbol):
    """A compact token with any one character replaced is malformed or untrusted."""
    text = jws.sign_compact(b'{"a":"some words"}', typ="a+jws", signer=DEVICE)
    place %= len(text)
    altered = text[:place] + symbol + text[place + 1 :]
    if altered == text:
        return
    with pytest.raises((Malformed, Untrusted)):
        jws.check(jws.parse_compact(altered, typ="a+jws"), DEVICE.public)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_malformed(data):
    """Any bytes are malformed as a token of any form, and nothing else happens."""
    for parse in (jws.parse_compact, jws.parse_flattened, jws.parse_general):
        with pytest.raises(Malformed):
            parse(data, typ="a+jws")


def test_bytes_of_a_compact_token_are_read():
    """A compact token is read from bytes as from text."""
    text = jws.sign_compact(b"{}", typ="a+jws", signer=DEVICE)
    assert jws.parse_compact(text.encode(), typ="a+jws") == jws.parse_compact(text, typ="a+jws")


def test_the_limit_counts_the_bytes_of_the_whole():
    """A token as long as the limit is read, and one that is longer by a byte is not."""
    text = jws.sign_compact(b"{}", typ="a+jws", signer=DEVICE)
    jws.parse_compact(text, typ="a+jws", limit=len(text))
    with pytest.raises(Malformed, match="longer"):
        jws.parse_compact(text, typ="a+jws", limit=len(text) - 1)
    flat = jws.sign_flattened(b"{}", typ="a+jws", signer=DEVICE)
    with pytest.raises(Malformed, match="longer"):
        jws.parse_flattened(flat, typ="a+jws", limit=len(flat) - 1)
    wide = jws.sign_general(b"{}", typ="a+jws", signers=(ROOT_1,))
    with pytest.raises(Malformed, match="longer"):
        jws.parse_general(wide, typ="a+jws", limit=len(wide) - 1)


def test_one_payload_has_one_signature_of_each_key():
    """A general token holds one signature of each signer over one payload."""
    wide = json.loads(jws.sign_general(b"{}", typ="a+jws", signers=(ROOT_1, ROOT_2)))
    assert len({entry["signature"] for entry in wide["signatures"]}) == 2
