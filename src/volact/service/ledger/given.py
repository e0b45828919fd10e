"""What a key gave, for those who look at it: activations, hosts with their certificates, and refusals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import ActivationRow, SlotRow


@dataclass(frozen=True, slots=True)
class GivenHost:
    """A host's slot, and when its newest certificate ends (seconds)."""

    slot: SlotRow
    certificate_expires: int | None


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """How often one code refused, on one day (days since 1970), requests that proved a key."""

    code: str
    day: int
    times: int


def activations_of(ledger: Ledger, keyid: str) -> tuple[ActivationRow, ...]:
    """The key's activations that hold, the oldest first."""
    rows = ledger.execute(
        """
        SELECT activation_id, keyid, jkt, dev, channel, product, live, at
        FROM activations WHERE keyid = ? AND live = 1 ORDER BY at, rowid
        """,
        (keyid,),
    )
    return tuple(ActivationRow(*row) for row in rows)


def hosts_of(ledger: Ledger, keyid: str) -> tuple[GivenHost, ...]:
    """The hosts of a host key, the oldest first, those among them too whose place was given up (`live` is 0)."""
    rows = ledger.execute(
        """
        SELECT host_id, keyid, dev, slots.jkt, reactivations, at, live, max(exp)
        FROM slots LEFT JOIN certificates USING (host_id) WHERE keyid = ? GROUP BY host_id ORDER BY at, slots.rowid
        """,
        (keyid,),
    )
    return tuple(GivenHost(SlotRow(*row[:7]), row[7]) for row in rows)


@dataclass(frozen=True, slots=True)
class CertifiedHost:
    """A host's slot, when it was certified last, and when that ends (seconds); None before the first certificate."""

    slot: SlotRow
    certified_at: int | None
    expires: int | None


def hosts_under(ledger: Ledger, keyids: Sequence[str], *, limit: int) -> tuple[CertifiedHost, ...]:
    """The hosts of several host keys that have a place now, key by key, of each key the oldest first."""
    places = ", ".join("?" * len(keyids)) or "NULL"
    rows = ledger.execute(
        f"""
        SELECT s.host_id, s.keyid, s.dev, s.jkt, s.reactivations, s.at, s.live,
            (SELECT max(c.iat) FROM certificates AS c WHERE c.host_id = s.host_id),
            (SELECT max(c.exp) FROM certificates AS c WHERE c.host_id = s.host_id)
        FROM slots AS s WHERE s.keyid IN ({places}) AND s.live = 1 ORDER BY s.keyid, s.at, s.rowid LIMIT ?
        """,
        (*keyids, limit),
    )
    return tuple(CertifiedHost(SlotRow(*row[:7]), row[7], row[8]) for row in rows)


def taken_since(ledger: Ledger, keyid: str, *, since: int) -> int:
    """How many activations, or of a host key places, were taken from a time (seconds) on, whatever became of them."""
    row = ledger.execute(
        """
        SELECT (SELECT count(*) FROM activations WHERE keyid = ? AND live = 1 AND at >= ?)
            + (SELECT count(*) FROM retirements AS r JOIN activations AS a ON a.activation_id = r.activation_id
               WHERE r.keyid = ? AND a.at >= ?)
            + (SELECT count(*) FROM slots WHERE keyid = ? AND at >= ?)
        """,
        (keyid, since) * 3,
    ).fetchone()
    return int(row[0])


def refusals_of(ledger: Ledger, keyid: str) -> tuple[RefusalCount, ...]:
    """What was refused although the key was proved, the oldest day first."""
    rows = ledger.execute("SELECT code, day, times FROM refused WHERE keyid = ? ORDER BY day, code", (keyid,))
    return tuple(RefusalCount(*row) for row in rows)
