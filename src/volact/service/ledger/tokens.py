"""Tokens of the management API: what each may do, and the hash of its secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from volact.service.ledger.ports import Ledger, Row
from volact.service.ledger.rows import TokenRow

_COLUMNS = "token_id, name, scopes, organization_id, at, expires, revoked_at"


def add(ledger: Ledger, row: TokenRow, *, secret_hash: bytes) -> None:
    """Adds a token."""
    ledger.execute(
        f"INSERT INTO tokens ({_COLUMNS}, secret_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.token_id,
            row.name,
            json.dumps(row.scopes),
            row.organization_id,
            row.at,
            row.expires,
            row.revoked_at,
            secret_hash,
        ),
    )


def token(ledger: Ledger, token_id: str) -> tuple[TokenRow, bytes] | None:
    """The token of that id and the hash of its secret, or None."""
    row = ledger.execute(f"SELECT {_COLUMNS}, secret_hash FROM tokens WHERE token_id = ?", (token_id,)).fetchone()
    return None if row is None else (_token(row[:-1]), bytes(row[-1]))


def tokens(ledger: Ledger) -> Iterator[TokenRow]:
    """Every token, the oldest first."""
    return map(_token, ledger.execute(f"SELECT {_COLUMNS} FROM tokens ORDER BY rowid"))


def tokens_of(ledger: Ledger, organization_id: str) -> tuple[TokenRow, ...]:
    """An organization's tokens, the newest first."""
    rows = ledger.execute(
        f"SELECT {_COLUMNS} FROM tokens WHERE organization_id = ? ORDER BY rowid DESC", (organization_id,)
    )
    return tuple(map(_token, rows))


def revoke(ledger: Ledger, token_id: str, *, at: int) -> bool:
    """Ends a token; gives False where it had ended that way before."""
    done = ledger.execute("UPDATE tokens SET revoked_at = ? WHERE token_id = ? AND revoked_at IS NULL", (at, token_id))
    return done.rowcount == 1


def _token(row: Row) -> TokenRow:
    found = TokenRow(*row)
    return replace(found, scopes=tuple(json.loads(row[2])))
