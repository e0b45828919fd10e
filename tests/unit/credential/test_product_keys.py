"""Product keys and proofs: an independent brute force finds what the reader finds."""

import hmac
from hashlib import pbkdf2_hmac, sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectors.codes import MAK

from volact.credential import productkey
from volact.credential.encoding import ALPHABET, b64
from volact.credential.productkey import KeyKind, ProductKey, make_key, read_key
from volact.credential.proof import ProofContext, derive, make_proof, proof_holds
from volact.errors import Refusal

PUBLISHER = "acme.example"
KEYS = st.builds(
    lambda kind, group, random: make_key(kind, group, publisher=PUBLISHER, random=random if kind else 0),
    st.sampled_from(KeyKind),
    st.integers(0, 2**18 - 1),
    st.integers(0, 2**76 - 1),
)


def multiply(a: int, b: int) -> int:
    """The product in GF(32) with x^5 + x^2 + 1, by shifts alone."""
    product = 0
    for place in range(5):
        product ^= (a << place) * (b >> place & 1)
    for place in (8, 7, 6, 5):
        product ^= (0b100101 << place - 5) * (product >> place & 1)
    return product


def is_codeword(values: list[int]) -> bool:
    """Whether the polynomial with these coefficients, highest power first, is zero at a, a^2 and a^3 (a = 2)."""
    for point in (2, 4, 8):
        total = 0
        for value in values:
            total = multiply(total, point) ^ value
        if total:
            return False
    return True


def places(values: list[int]) -> set[int]:
    """Every place where one other symbol would make a codeword."""
    found = set()
    for place, value in enumerate(values):
        for other in set(range(32)) - {value}:
            if is_codeword([*values[:place], other, *values[place + 1 :]]):
                found.add(place)
    return found


def symbols(key: ProductKey) -> list[int]:
    """The symbols of a key as numbers."""
    return [ALPHABET.index(symbol) for symbol in key.text.replace("-", "")]


def typed(values: list[int]) -> str:
    """Numbers as symbols."""
    return "".join(ALPHABET[value] for value in values)


@given(KEYS)
def test_a_key_comes_back(key):
    """A key is read back from its text, is a codeword, and shows nothing random in its first group."""
    assert read_key(key.text, PUBLISHER) == key
    assert is_codeword(symbols(key))
    assert key.first_group == key.text[:5]
    other = make_key(key.kind, key.group, publisher=PUBLISHER, random=0)
    assert key.first_group == other.first_group
    assert int.from_bytes(key.data, "big") == key.number < 2**110


@given(KEYS, st.integers(0, 24), st.integers(1, 31))
def test_one_wrong_symbol_is_located(key, place, change):
    """One wrong symbol is located by its group and its position, which are counted from one."""
    values = symbols(key)
    values[place] ^= change
    refusal = read_key(typed(values), PUBLISHER)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "key_mistyped"
    assert refusal.fields == {"group": place // 5 + 1, "position": place % 5 + 1}


@given(KEYS, st.sets(st.integers(0, 24), min_size=2, max_size=2), st.integers(1, 31), st.integers(1, 31))
def test_two_wrong_symbols_are_never_taken_for_one(key, where, one, other):
    """Two wrong symbols are noticed and never located as one."""
    values = symbols(key)
    first, second = where
    values[first] ^= one
    values[second] ^= other
    refusal = read_key(typed(values), PUBLISHER)
    assert isinstance(refusal, Refusal)
    assert refusal.fields == {"group": None, "position": None}


@given(st.lists(st.integers(0, 31), min_size=25, max_size=25))
def test_brute_force_finds_the_same_place(values):
    """A drawn text is located exactly where trying every other symbol in every place finds a codeword."""
    found = read_key(typed(values), PUBLISHER)
    if isinstance(found, ProductKey) or found.code == "key_of_other_publisher":
        assert is_codeword(values)
        return
    tried = places(values)
    place = next(iter(tried)) if tried else None
    expected = (None, None) if place is None else (place // 5 + 1, place % 5 + 1)
    assert (found.fields["group"], found.fields["position"]) == expected


@given(KEYS, st.integers(0, 24), st.integers(1, 31))
def test_brute_force_finds_the_one_place(key, place, change):
    """A key with one wrong symbol becomes a codeword by changing that place and no other."""
    values = symbols(key)
    values[place] ^= change
    assert places(values) == {place}


def test_a_place_that_is_not_typed_is_not_named():
    """Wrong symbols that look like one in a place beyond the 25 are not located."""
    values = [0] * 22 + productkey._check_symbols([1] + [0] * 24)  # as if x^27 alone were wrong
    refusal = read_key(typed(values), PUBLISHER)
    assert places(values) == set()
    assert isinstance(refusal, Refusal)
    assert refusal.fields == {"group": None, "position": None}


@given(st.text(max_size=40))
def test_any_text_is_a_key_or_refused(text):
    """Any text at all is a key or is refused, and nothing else happens."""
    found = read_key(text, PUBLISHER)
    assert isinstance(found, ProductKey) or found.code in {"key_mistyped", "key_of_other_publisher"}


@pytest.mark.parametrize(("kind", "group", "random"), [(1, 2**18, 0), (1, -1, 0), (1, 0, 2**76), (1, 0, -1), (0, 0, 1)])
def test_a_key_out_of_range_is_not_made(kind, group, random):
    """A key whose group or random part does not fit is not made, nor a generic key with a random part."""
    with pytest.raises(ValueError, match="random part"):
        make_key(KeyKind(kind), group, publisher=PUBLISHER, random=random)


def test_the_tag_is_the_first_ten_bits():
    """The tag of a publisher is the first ten bits of SHA-256 of its id."""
    bits = f"{int.from_bytes(sha256(PUBLISHER.encode()).digest(), 'big'):0256b}"
    assert productkey.publisher_tag(PUBLISHER) == int(bits[:10], 2)


def test_the_layout_is_that_of_the_specification():
    """The 110 bits are version, kind, product group, publisher tag and random part, in that order."""
    bits = f"{MAK.number:0110b}"
    fields = [int(bits[start:end], 2) for start, end in ((0, 3), (3, 6), (6, 24), (24, 34), (34, 110))]
    assert fields == [1, 1, 4242, MAK.tag, MAK.random]


@given(KEYS)
def test_what_is_derived_follows_the_specification(key):
    """A keyid is 48 bits and a proof key 32 bytes of PBKDF2-HMAC-SHA256 with 1,000 rounds."""
    secret = pbkdf2_hmac("sha256", key.data, PUBLISHER.encode(), 1000, 38)
    derived = derive(key, PUBLISHER)
    assert derived.proof_key == secret[6:]
    assert sum(ALPHABET.index(s) << 5 * place for place, s in enumerate(reversed(derived.keyid))) == int(
        secret[:6].hex(), 16
    )


FIELD = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20)


@given(st.binary(min_size=32, max_size=32), st.lists(FIELD, min_size=6, max_size=6))
def test_a_proof_follows_the_specification(proof_key, fields):
    """A proof is HMAC-SHA-256 over the domain and six fields joined by line feeds, and holds for these alone."""
    context = ProofContext(**dict(zip(("jkt", "aud", "op", "rid", "dev", "product"), fields, strict=True)))
    proof = make_proof(proof_key, context)
    message = "\n".join(["volact/proof/v1", *fields]).encode()
    assert proof == b64(hmac.new(proof_key, message, sha256).digest())
    assert proof_holds(proof, proof_key, context=context)
    assert not proof_holds(proof, bytes(31) + b"x", context=context)


@pytest.mark.parametrize("field", ["a b", "a\nb", "\x7f", "é"])
def test_a_proof_holds_visible_ascii_only(field):
    """No proof is made over a field with a character outside of 0x21 to 0x7E."""
    with pytest.raises(ValueError, match="0x21"):
        make_proof(bytes(32), ProofContext(jkt=field, aud="", op="", rid="", dev=""))
