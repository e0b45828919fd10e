"""Checkpoints of the publisher's log, and how its entries are hashed (spec C-12)."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated

import msgspec

from volact.credential import jws, merkle, strictjson
from volact.credential.fields import Hash, Publisher, Time
from volact.errors import Malformed, Words, say

CHECKPOINT_TYP = "volact-checkpoint+jwt"
SALT_BYTES = 16

Size = Annotated[int, msgspec.Meta(ge=1, le=2**40)]


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The publisher's statement that its log had that size and root at a time."""

    iss: Publisher
    size: Size
    root: Hash
    iat: Time


class Entry(msgspec.Struct, frozen=True):
    """One act on record, as its leaf is hashed: `detail` is the text that is on record, byte for byte."""

    entry: int
    at: int
    who: str
    act: str
    subject: str
    detail: str

    @property
    def canonical(self) -> bytes:
        """The one spelling of the entry: two numbers of 8 bytes, then each text behind its length in 4 bytes."""
        texts = [text.encode() for text in (self.who, self.act, self.subject, self.detail)]
        framed = b"".join(len(text).to_bytes(4, "big") + text for text in texts)
        numbers = (number.to_bytes(8, "big", signed=True) for number in (self.entry, self.at))
        return b"".join(numbers) + framed


def entry_leaf(entry: Entry, salt: bytes) -> bytes:
    """The leaf hash of an entry under its salt of 16 bytes; without the salt nothing can be read out of it."""
    return merkle.leaf_hash(sha256(salt + entry.canonical).digest())


def encode(checkpoint: Checkpoint) -> bytes:
    """Writes the exact payload bytes that are put on record and signed."""
    return msgspec.json.encode(checkpoint)


def parse(text: str) -> tuple[Checkpoint, jws.Unverified]:
    """Reads a checkpoint without believing it; raises Malformed."""
    token = jws.parse_compact(text, typ=CHECKPOINT_TYP)
    try:
        return msgspec.convert(strictjson.loads(token.payload), Checkpoint), token
    except msgspec.ValidationError as err:
        raise Malformed(f"the checkpoint's content does not fit: {err}") from err


def contradiction(one: Checkpoint, other: Checkpoint) -> Words | None:
    """What two checkpoints of one log can never say together, or None: sizes and times tell it without a proof."""
    older, newer = sorted((one, other), key=lambda each: (each.size, each.iat))
    if older.size == newer.size and older.root != newer.root:
        return say("the log of {size} entries was signed with two different roots", size=older.size)
    if older.size < newer.size and older.iat > newer.iat:
        size, before = older.size, newer.size
        return say("the log was signed with {size} entries after it had {before}", size=size, before=before)
    return None
