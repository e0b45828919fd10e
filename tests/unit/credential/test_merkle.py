"""The tree of the log, against its definition in RFC 9162 and against whoever forges a proof."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volact.credential.merkle import (
    EMPTY,
    Frontier,
    Nodes,
    consistency_proof,
    consistent,
    included,
    inclusion_proof,
    leaf_hash,
    node_hash,
)

LEAVES = [leaf_hash(bytes([number])) for number in range(70)]
SIZES = st.integers(1, len(LEAVES))


def defined(leaves: Sequence[bytes]) -> bytes:
    """The tree hash as RFC 9162, 2.1.1, defines it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY
    middle = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(defined(leaves[:middle]), defined(leaves[middle:]))


def grow(leaves: Sequence[bytes]) -> tuple[Frontier, Nodes]:
    """A log of these leaves, and its whole subtrees."""
    log, nodes = Frontier(), {}
    for leaf in leaves:
        log, made = log.grown(leaf)
        nodes |= {(level, place): found for level, place, found in made}
    return log, lambda level, place: nodes[level, place]


_, NODES = grow(LEAVES)
ROOTS = [defined(LEAVES[:size]) for size in range(len(LEAVES) + 1)]


@pytest.mark.parametrize("size", range(len(LEAVES) + 1))
def test_the_root_is_that_of_the_definition(size):
    """A log that grew leaf by leaf has the root that RFC 9162 defines, at every size."""
    log, _ = grow(LEAVES[:size])
    assert (log.size, log.root) == (size, ROOTS[size])


@given(SIZES, st.data())
def test_an_entry_is_in_its_own_place_alone(size, data):
    """A proof of inclusion holds for its leaf, place, size and root, and for no other and no other length."""
    index = data.draw(st.integers(0, size - 1))
    proof, root, leaf = inclusion_proof(NODES, index, size=size), ROOTS[size], LEAVES[index]
    assert included(leaf, index, size=size, proof=proof, root=root)
    assert not included(LEAVES[index - 1], index, size=size, proof=proof, root=root)
    assert not included(leaf, index, size=size, proof=(*proof, EMPTY), root=root)
    assert not included(leaf, index, size=size, proof=proof, root=ROOTS[size - 1])
    assert not included(leaf, index, size=size, proof=proof[:-1], root=root) or not proof
    assert not included(leaf, size, size=size, proof=proof, root=root)
    assert not included(leaf, -1, size=size, proof=proof, root=root)
    other = (index + 1) % size
    assert size == 1 or not included(leaf, other, size=size, proof=proof, root=root)


@given(SIZES, st.data())
def test_a_log_continues_what_it_was(second, data):
    """A proof of consistency holds for its two sizes and roots, and not for another root, size or length."""
    first = data.draw(st.integers(1, second))
    proof, roots = consistency_proof(NODES, first, second=second), {"second_root": ROOTS[second]}
    assert consistent(first, second, proof=proof, first_root=ROOTS[first], **roots)
    assert not consistent(first, second, proof=proof, first_root=ROOTS[first - 1], **roots)
    assert not consistent(first, second, proof=(*proof, EMPTY), first_root=ROOTS[first], **roots)
    assert not consistent(first, second, proof=proof, first_root=ROOTS[first], second_root=ROOTS[second - 1])
    assert not proof or not consistent(first, second, proof=proof[:-1], first_root=ROOTS[first], **roots)
    assert not consistent(second + 1, second, proof=proof, first_root=ROOTS[first], **roots)


def test_everything_continues_nothing():
    """The empty log is the beginning of every log, by an empty proof and its own root alone."""
    assert consistency_proof(NODES, 0, second=5) == ()
    assert consistent(0, 5, proof=(), first_root=EMPTY, second_root=ROOTS[5])
    assert not consistent(0, 5, proof=(EMPTY,), first_root=EMPTY, second_root=ROOTS[5])
    assert not consistent(0, 5, proof=(), first_root=ROOTS[1], second_root=ROOTS[5])
    assert not consistent(0, -1, proof=(), first_root=EMPTY, second_root=EMPTY)


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=12), SIZES, SIZES)
def test_no_drawn_proof_holds(proof, first, second):
    """A proof that somebody makes up shows nothing, whatever its length."""
    made_up = ROOTS[first], ROOTS[first - 1]
    assert first == second or not consistent(
        first, second, proof=proof, first_root=made_up[1], second_root=ROOTS[second]
    )
    assert not included(made_up[0], 0, size=second, proof=[*proof, EMPTY], root=ROOTS[second])


@given(st.integers(0, len(LEAVES)), st.integers(0, len(LEAVES)))
def test_a_changed_leaf_changes_every_later_root(size, changed):
    """Whoever changes one entry has another root from there on."""
    leaves = [*LEAVES[:size]]
    leaves[changed : changed + 1] = [leaf_hash(b"another")] if changed < size else leaves[changed : changed + 1]
    assert (grow(leaves)[0].root == ROOTS[size]) is (changed >= size)
