"""Product keys: 25 symbols that say what they are and notice when they are mistyped (spec C-6).

22 symbols carry 110 bits (version 3, kind 3, product group 18, publisher tag 10, random 76); three Reed-Solomon
symbols over GF(32), x^5+x^2+1, roots a^1..a^3, make RS(25,22): one wrong symbol is located, never silently corrected.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from volact.credential.encoding import ALPHABET, PASSED_OVER, TYPED
from volact.errors import Refusal, Words, say

VERSION = 1
GROUP_BITS, TAG_BITS, RANDOM_BITS = 18, 10, 76
_PAYLOAD, _CHECK = 22, 3
_ORDINALS = (say("first"), say("second"), say("third"), say("fourth"), say("fifth"))


class KeyKind(IntEnum):
    """What a key is for; the numbers are in every key ever made."""

    GENERIC = 0
    MAK = 1
    HOST = 2
    RETAIL = 3
    OEM = 4
    TRIAL = 5
    CAL = 6
    SETUP = 7

    @property
    def word(self) -> str:
        """The kind as commands and documents write it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class ProductKey:
    """A key that was typed correctly, or is about to be printed."""

    kind: KeyKind
    group: int
    tag: int
    random: int
    version: int = VERSION

    @property
    def number(self) -> int:
        """The 110 bits as a number."""
        head = (self.version << 3 | self.kind) << GROUP_BITS | self.group
        return (head << TAG_BITS | self.tag) << RANDOM_BITS | self.random

    @property
    def data(self) -> bytes:
        """The 110 bits, big-endian, behind two zero bits (14 bytes): what proofs are derived from."""
        return self.number.to_bytes(14, "big")

    @property
    def text(self) -> str:
        """The key as it is printed: five groups of five symbols."""
        symbols = [self.number >> 5 * place & 31 for place in reversed(range(_PAYLOAD))]
        text = "".join(ALPHABET[value] for value in symbols + _check_symbols(symbols))
        return "-".join(text[start : start + 5] for start in range(0, 25, 5))

    @property
    def first_group(self) -> str:
        """The first five symbols: kind and product group, nothing random; what screens and logs may show."""
        return self.text[:5]


def publisher_tag(publisher: str) -> int:
    """The first 10 bits of SHA-256 of the publisher id."""
    return int.from_bytes(sha256(publisher.encode()).digest()[:2], "big") >> 6


def make_key(kind: KeyKind, group: int, *, publisher: str, random: int) -> ProductKey:
    """Makes a key from 76 random bits (a generic key's are zero: it is public and unlocks nothing)."""
    if not 0 <= group < 1 << GROUP_BITS or not 0 <= random < 1 << RANDOM_BITS:
        raise ValueError("product group or random part out of range")
    if kind is KeyKind.GENERIC and random:
        raise ValueError("a generic key has no random part")
    return ProductKey(kind, group, publisher_tag(publisher), random)


def key_of(data: bytes) -> ProductKey:
    """The key whose `data` these 14 bytes are; whose key it is, and of which version, is not judged."""
    number = int.from_bytes(data, "big")
    head, rest = number >> TAG_BITS + RANDOM_BITS, number & (1 << TAG_BITS + RANDOM_BITS) - 1
    return ProductKey(
        version=head >> GROUP_BITS + 3,
        kind=KeyKind(head >> GROUP_BITS & 7),
        group=head & (1 << GROUP_BITS) - 1,
        tag=rest >> RANDOM_BITS,
        random=rest & (1 << RANDOM_BITS) - 1,
    )


def read_key(text: str, publisher: str) -> ProductKey | Refusal:
    """Reads a typed key, or refuses it with `key_mistyped` or `key_of_other_publisher`.

    `key_mistyped` has `group` and `position`, 1 to 5, or null where the wrong symbol cannot be located.
    Case, spaces and hyphens do not matter; O is 0, I and L are 1, U is V.
    """
    typed = [symbol for symbol in text if symbol not in PASSED_OVER]
    if len(typed) != _PAYLOAD + _CHECK:
        return _mistyped(say("the key has {number} symbols, not 25", number=len(typed)))
    values = [TYPED.get(symbol, -1) for symbol in typed]
    if -1 in values:
        return _foreign_symbol(values)
    syndromes = _syndromes(values)
    if any(syndromes):
        return _located(typed, values, syndromes=syndromes)
    return _from_symbols(values, publisher)


def _from_symbols(values: list[int], publisher: str) -> ProductKey | Refusal:
    number = 0
    for value in values[:_PAYLOAD]:
        number = number << 5 | value
    key = key_of(number.to_bytes(14, "big"))
    if key.version != VERSION or key.tag != publisher_tag(publisher):
        return Refusal("key_of_other_publisher", say("the key was not made by {publisher}", publisher=publisher))
    return key


def _mistyped(detail: Words, position: int | None = None) -> Refusal:
    group, place = (None, None) if position is None else (position // 5 + 1, position % 5 + 1)
    return Refusal("key_mistyped", detail, {"group": group, "position": place})


def _name(position: int) -> Words:
    group, ordinal = position // 5 + 1, _ORDINALS[position % 5]
    return say("group {group}, {ordinal} character of the key", group=group, ordinal=ordinal)


def _foreign_symbol(values: list[int]) -> Refusal:
    position = values.index(-1)
    if values.count(-1) > 1:
        return _mistyped(say("the key holds characters that no key has"))
    return _mistyped(say("{place} is not a letter or digit of a key", place=_name(position)), position)


def _located(typed: list[str], values: list[int], *, syndromes: tuple[int, int, int]) -> Refusal:
    """One wrong symbol e at x = a^i has the syndromes e x, e x^2, e x^3: equal quotients name x."""
    first, second, third = syndromes
    if 0 not in syndromes and _divide(second, first) == _divide(third, second):
        x = _divide(second, first)
        position = len(values) - 1 - _LOG[x]
        if position >= 0:
            likely = ALPHABET[values[position] ^ _divide(first, x)]
            detail = say(
                "{place} is wrong (typed {typed}, likely {likely})",
                place=_name(position),
                typed=typed[position],
                likely=likely,
            )
            return _mistyped(detail, position)
    return _mistyped(say("more than one character of the key is wrong"))


def _powers() -> list[int]:
    power, found = 1, []
    for _ in range(31):
        found.append(power)
        power = power << 1 ^ (0b100101 if power & 16 else 0)
    return found


_EXP = _powers()
_LOG = {power: exponent for exponent, power in enumerate(_EXP)}


def _multiply(a: int, b: int) -> int:
    return _EXP[(_LOG[a] + _LOG[b]) % 31] if a and b else 0


def _divide(a: int, b: int) -> int:
    return _EXP[(_LOG[a] - _LOG[b]) % 31]


def _generator() -> list[int]:
    product = [1]  # (x - a)(x - a^2)(x - a^3), highest power first
    for root in _EXP[1:4]:
        shifted = [*product, 0]
        for place, factor in enumerate(product):
            shifted[place + 1] ^= _multiply(factor, root)
        product = shifted
    return product


_GENERATOR = _generator()


def _check_symbols(symbols: list[int]) -> list[int]:
    remainder = [*symbols, 0, 0, 0]
    for place in range(len(symbols)):
        factor = remainder[place]
        for offset, coefficient in enumerate(_GENERATOR):
            remainder[place + offset] ^= _multiply(factor, coefficient)
    return remainder[-_CHECK:]


def _syndromes(values: list[int]) -> tuple[int, int, int]:
    found = []
    for root in _EXP[1:4]:
        total = 0
        for value in values:
            total = _multiply(total, root) ^ value
        found.append(total)
    return found[0], found[1], found[2]
