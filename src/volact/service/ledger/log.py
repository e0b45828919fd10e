"""The log: a leaf for each entry of the audit, the tree above them, and the checkpoints that were signed of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from volact.credential.checkpoint import Entry
from volact.credential.merkle import Frontier, Nodes, node_hash
from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import CheckpointRow, LeafRow

KEPT_LEVELS = 4  # of every fourth level the subtrees are kept: less than a tenth of a row for each leaf
_CHECKPOINT = "size, root, at, kid, payload, text"
_BEHIND = "entry > (SELECT coalesce(max(entry), 0) FROM log)"


def is_behind(ledger: Ledger) -> bool:
    """Whether the audit has entries that are not in the log yet."""
    return ledger.execute(f"SELECT 1 FROM audit WHERE {_BEHIND} LIMIT 1").fetchone() is not None


def waiting(ledger: Ledger) -> int:
    """How many entries of the audit are not in the log yet."""
    return int(ledger.execute(f"SELECT count(*) FROM audit WHERE {_BEHIND}").fetchone()[0])


def newest_entry(ledger: Ledger) -> int:
    """The number of the audit's newest entry; 0 before the first."""
    return int(ledger.execute("SELECT coalesce(max(entry), 0) FROM audit").fetchone()[0])


def unlogged(ledger: Ledger, most: int) -> tuple[Entry, ...]:
    """The first entries that are not in the log yet, in their order."""
    rows = ledger.execute(
        f"SELECT entry, at, who, act, subject, detail FROM audit WHERE {_BEHIND} ORDER BY entry LIMIT ?", (most,)
    )
    return tuple(Entry(*row) for row in rows)


def size(ledger: Ledger) -> int:
    """How many entries the log has."""
    return int(ledger.execute("SELECT coalesce(max(leaf) + 1, 0) FROM log").fetchone()[0])


def frontier(ledger: Ledger) -> Frontier:
    """The log as it stands, ready to grow."""
    length, node = size(ledger), nodes(ledger)
    hashes, begin = [], 0
    for level in reversed(range(length.bit_length())):
        if length >> level & 1:
            hashes.append(node(level, begin >> level))
            begin += 1 << level
    return Frontier(length, tuple(hashes))


def nodes(ledger: Ledger) -> Nodes:
    """The hashes of whole subtrees, of leaves that are in the log; for one state of it.

    What a proof asks for lies side by side: hashes of a kept level are read 16 at a time, each 16 once.
    """
    known: dict[tuple[int, int], list[bytes]] = {}

    def node(level: int, place: int) -> bytes:
        above = level % KEPT_LEVELS
        kept, block = level - above, place >> (KEPT_LEVELS - above)
        if (kept, block) not in known:
            known[kept, block] = _row(ledger, kept, span=(block << KEPT_LEVELS, (block + 1) << KEPT_LEVELS))
        first = (place << above) - (block << KEPT_LEVELS)
        found = known[kept, block][first : first + (1 << above)]
        while len(found) > 1:
            found = [node_hash(*pair) for pair in zip(found[::2], found[1::2], strict=True)]
        return found[0]

    return node


def add(ledger: Ledger, rows: Sequence[LeafRow], *, made: Iterable[tuple[int, int, bytes]]) -> None:
    """Adds leaves, and of the subtrees that they made (level, place, hash) those that are kept."""
    ledger.add("log (leaf, entry, salt, hash)", ((row.leaf, row.entry, row.salt, row.hash) for row in rows))
    kept = [each for each in made if each[0] and each[0] % KEPT_LEVELS == 0]
    ledger.add("log_nodes (level, place, hash)", kept)


def leaf_of(ledger: Ledger, entry: int) -> LeafRow | None:
    """The leaf of an entry, or None where it is not in the log yet."""
    row = ledger.execute("SELECT leaf, entry, salt, hash FROM log WHERE entry = ?", (entry,)).fetchone()
    return None if row is None else LeafRow(*row)


def erase_salt(ledger: Ledger, entry: int) -> None:
    """Takes the salt of an entry's leaf away: its hash stays, and nobody can find out by trying what it is of."""
    ledger.execute("UPDATE log SET salt = NULL WHERE entry = ?", (entry,))


def record(ledger: Ledger, row: CheckpointRow) -> None:
    """Puts a checkpoint on record, before it is signed."""
    ledger.execute(
        f"INSERT INTO checkpoints ({_CHECKPOINT}) VALUES (?, ?, ?, ?, ?, ?)",
        (row.size, row.root, row.at, row.kid, row.payload, row.text),
    )


def newest_on_record(ledger: Ledger) -> CheckpointRow | None:
    """The newest checkpoint, signed or not; None before the first."""
    row = ledger.execute(f"SELECT {_CHECKPOINT} FROM checkpoints ORDER BY size DESC LIMIT 1").fetchone()
    return None if row is None else CheckpointRow(*row)


def newest_signed(ledger: Ledger) -> CheckpointRow | None:
    """The newest checkpoint that is signed; None before the first."""
    row = ledger.execute(
        f"SELECT {_CHECKPOINT} FROM checkpoints WHERE text IS NOT NULL ORDER BY size DESC LIMIT 1"
    ).fetchone()
    return None if row is None else CheckpointRow(*row)


def unsigned(ledger: Ledger) -> tuple[CheckpointRow, ...]:
    """The checkpoints whose signed text is still to come."""
    rows = ledger.execute(f"SELECT {_CHECKPOINT} FROM checkpoints WHERE text IS NULL ORDER BY size")
    return tuple(CheckpointRow(*row) for row in rows)


def put_text(ledger: Ledger, row: CheckpointRow, *, text: str) -> None:
    """Adds the signed text to a checkpoint that is on record."""
    ledger.execute("UPDATE checkpoints SET text = ? WHERE size = ?", (text, row.size))


def _row(ledger: Ledger, level: int, *, span: tuple[int, int]) -> list[bytes]:
    """The hashes of one kept level, from the first place to before the second."""
    if level == 0:
        found = ledger.execute("SELECT hash FROM log WHERE leaf >= ? AND leaf < ? ORDER BY leaf", span)
    else:
        found = ledger.execute(
            "SELECT hash FROM log_nodes WHERE level = ? AND place >= ? AND place < ? ORDER BY place", (level, *span)
        )
    return [row[0] for row in found]
