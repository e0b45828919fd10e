"""What cases have beside those of the telephone menu: customers' requests, who calls, what was done on which."""

from __future__ import annotations

CASES = (
    # `menu` is a caller of the telephone menu, `desk` one whom a person answered; the others are customers' requests.
    "ALTER TABLE cases ADD COLUMN kind TEXT NOT NULL DEFAULT 'menu'",
    "ALTER TABLE cases ADD COLUMN organization_id TEXT",
    # What a request is about beside its key: a product, a number of activations, an activation or a host by its id.
    "ALTER TABLE cases ADD COLUMN product TEXT",
    "ALTER TABLE cases ADD COLUMN wanted INTEGER",
    "ALTER TABLE cases ADD COLUMN computer TEXT",
    "ALTER TABLE cases ADD COLUMN asked TEXT",
    "ALTER TABLE cases ADD COLUMN asked_by TEXT",
    # Who calls and what was shown as proof of purchase; null until somebody asked for both.
    "ALTER TABLE cases ADD COLUMN person TEXT",
    "ALTER TABLE cases ADD COLUMN proof TEXT",
    # The digits that were made for the caller, so that whoever has the case reads them out again.
    "ALTER TABLE cases ADD COLUMN confirmation TEXT",
    "ALTER TABLE cases ADD COLUMN outcome TEXT",
    "ALTER TABLE cases ADD COLUMN closed_by TEXT",
    # Which entries of the audit are of a case, whatever their subject.
    """
    CREATE TABLE case_acts (
        entry INTEGER PRIMARY KEY REFERENCES audit,
        case_id TEXT NOT NULL,
        at INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX case_acts_case ON case_acts (case_id, entry)",
    "CREATE INDEX case_acts_at ON case_acts (at)",
)

CASES_FOUND = (
    "CREATE INDEX cases_organization ON cases (organization_id, at)",
    # A caller reads the first group of a key, and no more of it.
    "CREATE INDEX keys_first_group ON keys (first_group)",
)
