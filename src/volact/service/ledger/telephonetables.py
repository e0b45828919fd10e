"""The tables of activation by telephone: what counts towards its limits, calls that are on, cases for a person."""

from __future__ import annotations

TELEPHONE = (
    # What counts for a day: an installation that was confirmed, with its key, or an ID that did not hold, without one.
    # `caller` is a mark of whoever called, empty where nobody is told apart.
    """
    CREATE TABLE telephone_counts (
        at INTEGER NOT NULL,
        channel TEXT NOT NULL,
        caller TEXT NOT NULL,
        keyid TEXT REFERENCES keys
    ) STRICT
    """,
    "CREATE INDEX telephone_counts_at ON telephone_counts (at)",
    "CREATE INDEX telephone_counts_caller ON telephone_counts (channel, caller, at)",
    "CREATE INDEX telephone_counts_key ON telephone_counts (keyid, at) WHERE keyid IS NOT NULL",
    # What a person is to take over. `digits` are those of an installation ID that were typed, `number` the last ones of
    # the caller's, `caller` its mark.
    """
    CREATE TABLE cases (
        case_id TEXT PRIMARY KEY,
        at INTEGER NOT NULL,
        channel TEXT NOT NULL,
        language TEXT NOT NULL,
        digits TEXT NOT NULL,
        number TEXT NOT NULL,
        caller TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'taken', 'closed')),
        taken_by TEXT,
        closed_at INTEGER,
        reason TEXT,
        keyid TEXT REFERENCES keys,
        licensing_id TEXT
    ) STRICT
    """,
    "CREATE INDEX cases_state ON cases (state, at)",
    # A call of the automatic menu. `state` is where it stands, `said` what was answered last, both JSON; `turn` counts
    # answers, so that one that is asked for again is not a further one.
    """
    CREATE TABLE calls (
        call_id TEXT PRIMARY KEY,
        turn INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (json_valid(state)),
        said TEXT NOT NULL CHECK (json_valid(said)),
        at INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX calls_at ON calls (at)",
)
