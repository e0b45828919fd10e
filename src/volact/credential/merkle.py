"""The Merkle tree of RFC 9162: one hash for a log of any length, and proofs that it only ever grew (spec C-12).

A log is known by its size and root. `Frontier` grows one in memory that is logarithmic in its size; proofs are made
from `Nodes`, which gives the hash of any whole subtree, and are checked from sizes, hashes and the proof alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from msgspec import Struct

EMPTY = sha256(b"").digest()
Nodes = Callable[[int, int], bytes]  # (level, index) -> hash of the subtree over leaves index * 2**level and on


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry (RFC 9162, 2.1.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


class Frontier(Struct, frozen=True):
    """A log's size and the hashes of the whole subtrees that it consists of, the largest first."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The root hash of the log."""
        if not self.hashes:
            return EMPTY
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root

    def grown(self, leaf: bytes) -> tuple[Frontier, tuple[tuple[int, int, bytes], ...]]:
        """The log with one more leaf hash, and the whole subtrees that this made: (level, index, hash)."""
        hashes, level, index = list(self.hashes), 0, self.size
        made = [(0, index, leaf)]
        while index & 1:
            leaf, level, index = node_hash(hashes.pop(), leaf), level + 1, index >> 1
            made.append((level, index, leaf))
        return Frontier(self.size + 1, (*hashes, leaf)), tuple(made)


def inclusion_proof(nodes: Nodes, index: int, *, size: int) -> tuple[bytes, ...]:
    """What leads from leaf `index` to the root of the first `size` leaves (RFC 9162, 2.1.3.1)."""
    return tuple(_path(nodes, index, low=0, high=size))


def consistency_proof(nodes: Nodes, first: int, *, second: int) -> tuple[bytes, ...]:
    """What shows that the log of size `second` continues the one of size `first` (RFC 9162, 2.1.4.1)."""
    return tuple(_subproof(nodes, first, low=0, high=second, whole=True)) if first else ()


def included(leaf: bytes, index: int, *, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that `leaf` is entry `index` of the log of that size and root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def consistent(first: int, second: int, *, proof: Sequence[bytes], first_root: bytes, second_root: bytes) -> bool:
    """Whether the proof shows that the log of size `second` begins with the one of size `first` (RFC 9162, 2.1.4.2)."""
    if first == 0:
        return not proof and first_root == EMPTY and second >= 0
    if first == second:
        return not proof and first_root == second_root
    if not 0 < first < second or not proof:
        return False
    steps = list(proof) if first & (first - 1) else [first_root, *proof]
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, step)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(low: int, high: int) -> int:
    """Where a range is cut: after the largest power of two that is smaller than it."""
    return low + (1 << (high - low - 1).bit_length() - 1)


def _hash(nodes: Nodes, low: int, *, high: int) -> bytes:
    """The hash of a range that begins where a subtree of its size may begin."""
    length = high - low
    if length & (length - 1) == 0:
        level = length.bit_length() - 1
        return nodes(level, low >> level)
    middle = _split(low, high)
    return node_hash(_hash(nodes, low, high=middle), _hash(nodes, middle, high=high))


def _path(nodes: Nodes, index: int, *, low: int, high: int) -> Iterator[bytes]:
    if high - low == 1:
        return
    middle = _split(low, high)
    if index < middle:
        yield from _path(nodes, index, low=low, high=middle)
        yield _hash(nodes, middle, high=high)
    else:
        yield from _path(nodes, index, low=middle, high=high)
        yield _hash(nodes, low, high=middle)


def _subproof(nodes: Nodes, first: int, *, low: int, high: int, whole: bool) -> Iterator[bytes]:
    """`first` counts from the log's beginning; `whole` says that the old log's root is known to whoever checks."""
    if first == high:
        if not whole:
            yield _hash(nodes, low, high=high)
        return
    middle = _split(low, high)
    if first <= middle:
        yield from _subproof(nodes, first, low=low, high=middle, whole=whole)
        yield _hash(nodes, middle, high=high)
    else:
        yield from _subproof(nodes, first, low=middle, high=high, whole=False)
        yield _hash(nodes, low, high=middle)
