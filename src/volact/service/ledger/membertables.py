"""The tables of members: who may use the pages, in which organization, in which role."""

from __future__ import annotations

MEMBERS = (
    # A person with an address. What proves who it is (password, second factor, passkeys) is kept apart from the ledger.
    # `language` and `theme` are the member's settings, null where the browser's hold.
    """
    CREATE TABLE members (
        member_id TEXT PRIMARY KEY,
        email TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        language TEXT,
        theme TEXT,
        at INTEGER NOT NULL
    ) STRICT
    """,
    # `organization_id` is empty for the publisher's own people. A role that ended stays on record.
    """
    CREATE TABLE memberships (
        member_id TEXT NOT NULL REFERENCES members,
        organization_id TEXT NOT NULL,
        role TEXT NOT NULL,
        at INTEGER NOT NULL,
        ended_at INTEGER
    ) STRICT
    """,
    "CREATE UNIQUE INDEX memberships_live ON memberships (member_id, organization_id) WHERE ended_at IS NULL",
    "CREATE INDEX memberships_organization ON memberships (organization_id, at)",
    # Single use; the secret of its link is kept as its SHA-256 alone.
    """
    CREATE TABLE invitations (
        invitation_id TEXT PRIMARY KEY,
        secret_hash BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
        email TEXT NOT NULL,
        organization_id TEXT NOT NULL,
        role TEXT NOT NULL,
        invited_by TEXT NOT NULL,
        at INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        ended_at INTEGER,
        member_id TEXT REFERENCES members
    ) STRICT
    """,
    "CREATE INDEX invitations_organization ON invitations (organization_id, at)",
    # A form that counts, sent once: `mark` is of the page that it is from, `place` the page that followed; for a day.
    """
    CREATE TABLE forms (
        member_id TEXT NOT NULL REFERENCES members,
        mark TEXT NOT NULL,
        place TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (member_id, mark)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX forms_at ON forms (at)",
)

SHOWINGS = (
    # So many keys were shown to a member in an organization; kept for an hour, to limit that.
    """
    CREATE TABLE showings (
        member_id TEXT NOT NULL REFERENCES members,
        organization_id TEXT NOT NULL,
        number INTEGER NOT NULL CHECK (number > 0),
        at INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX showings_member ON showings (member_id, at)",
    "CREATE INDEX showings_at ON showings (at)",
)
