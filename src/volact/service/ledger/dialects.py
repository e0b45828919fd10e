"""The two dialects: SQLite's, in which the schema is written, and PostgreSQL's, into which it is put word by word."""

from __future__ import annotations

import re

from volact.service.ledger.ports import Dialect

_ARRIVAL = ", rowid BIGINT GENERATED ALWAYS AS IDENTITY)"  # what SQLite gives every table that does not say otherwise
_WORDS = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"\A(?!.*INTEGER PRIMARY KEY)(.*)\)\s+STRICT\s*\Z", rf"\1{_ARRIVAL}"),
        (r"\)\s+STRICT(, WITHOUT ROWID)?\s*\Z", ")"),
        (r"INTEGER PRIMARY KEY( AUTOINCREMENT)?", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
        (r"\bINTEGER\b", "BIGINT"),
        (r"\bBLOB\b", "BYTEA"),
        (r"\b(TEXT|ANY)\b", 'TEXT COLLATE "C"'),
        (r"\bIS NOT (?!NULL\b)", "IS DISTINCT FROM "),
        (r"json_valid\((\w+)\)", r"\1::json IS NOT NULL"),
    )
)
_RAISING = re.compile(
    r"\s*CREATE TRIGGER (\w+) BEFORE (UPDATE|DELETE) ON (\w+)\s+BEGIN SELECT RAISE\(ABORT, '([^']*)'\); END\s*"
)
_RAISING_FUNCTION = """
    CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{what}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
    CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()
"""


def _as_it_stands(statement: str) -> str:
    return statement


def _for_postgresql(statement: str) -> str:
    raising = _RAISING.fullmatch(statement)
    if raising:
        name, event, table, what = raising.groups()
        event = "DELETE OR TRUNCATE" if event == "DELETE" else event  # SQLite's DELETE is the only way to empty a table
        return _RAISING_FUNCTION.format(name=name, event=event, table=table, what=what)
    for pattern, words in _WORDS:
        statement = pattern.sub(words, statement)
    return statement


SQLITE = Dialect(
    texts="FROM json_each(?) AS e CROSS JOIN",
    text="e.value",
    pairs="FROM json_each(?) AS e CROSS JOIN",
    first="json_extract(e.value, '$[0]')",
    second="json_extract(e.value, '$[1]')",
    seen="PRAGMA data_version",
    table=_as_it_stands,
)
POSTGRESQL = Dialect(
    texts="FROM json_array_elements_text(?::json) AS e (value) JOIN",
    text="e.value",
    pairs="FROM json_array_elements(?::json) AS e (value) JOIN",
    first="(e.value ->> 0)",
    second="(e.value ->> 1)",
    # Two snapshots that read alike see alike: whoever commits in between was in progress, or not begun, in the first.
    seen="SELECT pg_current_snapshot()::text",
    table=_for_postgresql,
    unhurried=("SET LOCAL statement_timeout = 0",),
)
