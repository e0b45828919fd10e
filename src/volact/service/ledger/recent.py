"""Activations of several keys together, the newest first, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from volact.service.ledger.ports import Ledger
from volact.service.ledger.rows import ActivationRow

FEW_KEYS = 200  # so many are asked one by one, each by its own index; of more, the newest are near the end of all
_COLUMNS = "activation_id, keyid, jkt, dev, channel, product, live, at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which activations; None is any."""

    dev: str | None = None
    product: str | None = None
    channel: str | None = None
    live: bool | None = None

    @property
    def condition(self) -> tuple[str, tuple[object, ...]]:
        """The same for a WHERE, with its parameters."""
        told = {"dev": self.dev, "product": self.product, "channel": self.channel}
        told["live"] = None if self.live is None else int(self.live)  # type: ignore[assignment]
        given = {name: value for name, value in told.items() if value is not None}
        return "".join(f" AND {name} = ?" for name in given), tuple(given.values())


def activations(
    ledger: Ledger, keyids: Sequence[str], *, sought: Sought, after: tuple[int, str] | None, limit: int
) -> list[ActivationRow]:
    """Up to `limit` activations of those keys before a place (time in seconds, id); None is the newest."""
    if not keyids:
        return []
    at, activation_id = after or (2**62, "")
    condition, values = sought.condition
    before = "(at, activation_id) < (?, ?)"
    order = "ORDER BY at DESC, activation_id DESC LIMIT ?"
    if len(keyids) <= FEW_KEYS:
        one = f"SELECT * FROM (SELECT {_COLUMNS} FROM activations WHERE keyid = ? AND {before}{condition} {order}) AS k"
        statement = f"SELECT * FROM ({' UNION ALL '.join([one] * len(keyids))}) AS a {order}"
        each = [value for keyid in keyids for value in (keyid, at, activation_id, *values, limit)]
        rows = ledger.execute(statement, (*each, limit))
    else:
        places = ", ".join("?" * len(keyids))
        statement = f"SELECT {_COLUMNS} FROM activations WHERE keyid IN ({places}) AND {before}{condition}"
        rows = ledger.execute(
            f"{statement} ORDER BY activation_id DESC LIMIT ?", (*keyids, at, activation_id, *values, limit)
        )
    return [ActivationRow(*row) for row in rows]
