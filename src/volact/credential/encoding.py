"""Text forms of bytes and numbers: canonical base64url and Crockford base 32 (spec C-1)."""

from __future__ import annotations

import binascii
from hashlib import sha256

from volact.errors import Malformed

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_URL_SAFE, _STANDARD = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_+/", b"+/!!")  # `!` is of neither alphabet
_SYMBOL_OF_BYTE = bytes(ord(ALPHABET[byte & 31]) for byte in range(256))
_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_CAPITAL = _VALUE | {"O": 0, "I": 1, "L": 1, "U": 27}
# What people type for a symbol: either case, and the letters that look like another sign.
TYPED = _CAPITAL | {symbol.lower(): value for symbol, value in _CAPITAL.items()}
# What they type between symbols: white space and hyphens, also those that word processors put in their place.
PASSED_OVER = frozenset(" \t\r\n-\u00a0\u2010\u2011\u2012\u2013\u2014\u2212")


def b64(data: bytes) -> str:
    """Writes bytes as base64url without padding."""
    return binascii.b2a_base64(data, newline=False).translate(_URL_SAFE, b"=").decode()


def unb64(text: str) -> bytes:
    """Reads base64url in its one canonical spelling; raises Malformed for every other spelling."""
    try:
        raw = text.encode("ascii").translate(_STANDARD)
        data = binascii.a2b_base64(raw + b"=" * (-len(raw) % 4), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error, ValueError) as err:
        raise Malformed("not base64url") from err
    if b64(data) != text:
        raise Malformed("not canonical base64url")
    return data


def crockford(value: int, symbols: int) -> str:
    """Writes a number of at most `symbols` x 5 bits, most significant symbol first."""
    if not 0 <= value < 1 << 5 * symbols:
        raise ValueError("the number does not fit")
    return "".join(ALPHABET[value >> 5 * place & 31] for place in reversed(range(symbols)))


def symbols(random: bytes) -> str:
    """One symbol for each random byte, of its low five bits: an identifier of `len(random)` symbols."""
    return random.translate(_SYMBOL_OF_BYTE).decode()


def dated(milliseconds: int, random: bytes) -> str:
    """An identifier of 26 symbols: the first 10 are a time since 1970, the last 16 cannot be guessed (80 bits)."""
    return crockford(milliseconds, 10) + symbols(random)


def uncrockford(text: str, symbols: int) -> int:
    """Reads exactly `symbols` upper-case symbols; raises Malformed for any other spelling."""
    if len(text) != symbols or not all(symbol in _VALUE for symbol in text):
        raise Malformed(f"not {symbols} Crockford symbols")
    value = 0
    for symbol in text:
        value = value << 5 | _VALUE[symbol]
    return value


def digest(data: bytes) -> str:
    """SHA-256 of the bytes as base64url text (43 characters)."""
    return b64(sha256(data).digest())
