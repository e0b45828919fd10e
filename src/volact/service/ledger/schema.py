"""The service's tables, as numbered steps that only ever grow: step N brings a database from version N-1 to N.

A step after `FLOOR` runs while programs that do not know it go on. It adds tables, columns that are null or have a
default, and indexes; an index of a table that is there already stands in a step of indexes alone.

No private key stands in any of them: signing keys lie in the vault, product keys and proof keys are sealed by a key
that lies there too. Times are seconds since 1970 UTC, days are ISO text, ids are those of the product's documents.
"""

from __future__ import annotations

from volact.service.ledger.casetables import CASES, CASES_FOUND
from volact.service.ledger.membertables import MEMBERS, SHOWINGS
from volact.service.ledger.tallies import TALLIES
from volact.service.ledger.telephonetables import TELEPHONE
from volact.service.ledger.webhooktables import WEBHOOKS

_FIRST = (
    # name is one of: publisher, name, url, accent, newest_signed, clock_confirmed, schema_floor, telephone_url,
    # telephone_token (sealed), telephone_person.
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID",
    """
    CREATE TABLE organizations (
        organization_id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        parent TEXT REFERENCES organizations,
        country TEXT,
        at INTEGER NOT NULL,
        CHECK (parent IS NOT organization_id)
    ) STRICT
    """,
    "CREATE INDEX organizations_parent ON organizations (parent) WHERE parent IS NOT NULL",
    """
    CREATE TABLE agreements (
        licensing_id TEXT PRIMARY KEY,
        organization_id TEXT NOT NULL REFERENCES organizations,
        program TEXT NOT NULL,
        level TEXT,
        valid_from TEXT,
        valid_until TEXT,
        at INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX agreements_organization ON agreements (organization_id)",
    """
    CREATE TABLE licenses (
        licensing_id TEXT NOT NULL REFERENCES agreements,
        product TEXT NOT NULL,
        number INTEGER NOT NULL CHECK (number >= 0),
        PRIMARY KEY (licensing_id, product)
    ) STRICT, WITHOUT ROWID
    """,
    # `used` counts activations, of a host key its slots. The CHECK is the last line of what must never happen.
    """
    CREATE TABLE keys (
        keyid TEXT PRIMARY KEY,
        licensing_id TEXT NOT NULL REFERENCES agreements,
        kind TEXT NOT NULL,
        product_group TEXT NOT NULL,
        product TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked', 'revoked')),
        allowance INTEGER NOT NULL CHECK (allowance >= 0),
        used INTEGER NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND allowance),
        first_group TEXT NOT NULL,
        sealed_key BLOB NOT NULL,
        sealed_proof_key BLOB NOT NULL,
        at INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX keys_agreement ON keys (licensing_id, at)",
    "CREATE INDEX keys_product_group ON keys (product_group)",
    # One activation: online (key, device key); by telephone (key, dev). `live` is 1 until it is released or retired.
    """
    CREATE TABLE activations (
        activation_id TEXT PRIMARY KEY,
        keyid TEXT NOT NULL REFERENCES keys,
        jkt TEXT NOT NULL,
        dev TEXT NOT NULL,
        channel TEXT NOT NULL CHECK (channel IN ('online', 'telephone')),
        product TEXT NOT NULL,
        live INTEGER NOT NULL DEFAULT 1 CHECK (live IN (0, 1)),
        at INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE UNIQUE INDEX activations_device_key ON activations (keyid, jkt) WHERE live = 1",
    "CREATE UNIQUE INDEX activations_telephone ON activations (keyid, dev) WHERE live = 1 AND channel = 'telephone'",
    "CREATE INDEX activations_product ON activations (product)",
    # Kept for good: what was, or will be, signed for one request of one device key. `about` is the activation id or
    # the host id, so that a day's new requests of one activation can be counted.
    """
    CREATE TABLE answers (
        answer INTEGER PRIMARY KEY,
        jkt TEXT NOT NULL,
        rid TEXT NOT NULL,
        digest TEXT NOT NULL,
        typ TEXT NOT NULL,
        kid TEXT NOT NULL,
        payload BLOB NOT NULL,
        about TEXT NOT NULL,
        at INTEGER NOT NULL,
        UNIQUE (jkt, rid)
    ) STRICT
    """,
    "CREATE INDEX answers_about ON answers (about, at)",
    """
    CREATE TABLE slots (
        host_id TEXT PRIMARY KEY,
        keyid TEXT NOT NULL REFERENCES keys,
        dev TEXT NOT NULL,
        jkt TEXT NOT NULL,
        reactivations INTEGER NOT NULL DEFAULT 0 CHECK (reactivations >= 0),
        at INTEGER NOT NULL,
        UNIQUE (keyid, dev)
    ) STRICT
    """,
    # `replaced` is 1 once it was renewed, or its slot was activated again; two renewals of one are a clone.
    """
    CREATE TABLE certificates (
        jti TEXT PRIMARY KEY,
        host_id TEXT NOT NULL REFERENCES slots,
        predecessor TEXT UNIQUE REFERENCES certificates,
        replaced INTEGER NOT NULL DEFAULT 0 CHECK (replaced IN (0, 1)),
        jkt TEXT NOT NULL,
        iat INTEGER NOT NULL,
        exp INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX certificates_host ON certificates (host_id, iat)",
    # `text` is null between the record of what will be signed and the signature; the next start signs the same bytes.
    """
    CREATE TABLE documents (
        kind TEXT NOT NULL CHECK (kind IN ('root', 'catalog', 'revocations')),
        version INTEGER NOT NULL CHECK (version >= 1),
        payload BLOB NOT NULL,
        kid TEXT,
        text TEXT,
        at INTEGER NOT NULL,
        PRIMARY KEY (kind, version)
    ) STRICT
    """,
    # id is a host id, key id or activation id by kind; jkt is empty but for hosts.
    """
    CREATE TABLE revoked (
        kind TEXT NOT NULL CHECK (kind IN ('host', 'key', 'activation')),
        id TEXT NOT NULL,
        jkt TEXT NOT NULL DEFAULT '',
        at INTEGER NOT NULL,
        PRIMARY KEY (kind, id, jkt)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE audit (
        entry INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        who TEXT NOT NULL,
        act TEXT NOT NULL,
        subject TEXT NOT NULL,
        detail TEXT NOT NULL CHECK (json_valid(detail))
    ) STRICT
    """,
    "CREATE INDEX audit_subject ON audit (subject, entry)",
    # Requests that proved their key and were refused all the same: one line for each key, code and day since 1970.
    """
    CREATE TABLE refused (
        keyid TEXT NOT NULL REFERENCES keys,
        code TEXT NOT NULL,
        day INTEGER NOT NULL,
        times INTEGER NOT NULL,
        PRIMARY KEY (keyid, code, day)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
    """
    CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
)

_PROMISES = (
    # F10: which organization may use the keys of a Licensing ID of its family, by the grantor's act.
    """
    CREATE TABLE key_uses (
        organization_id TEXT NOT NULL REFERENCES organizations,
        licensing_id TEXT NOT NULL REFERENCES agreements,
        at INTEGER NOT NULL,
        PRIMARY KEY (organization_id, licensing_id)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX key_uses_agreement ON key_uses (licensing_id)",
    # An activation that was returned; from `credit_at` on its key has it again, and `credited` says that this was done.
    """
    CREATE TABLE retirements (
        activation_id TEXT PRIMARY KEY REFERENCES activations,
        keyid TEXT NOT NULL REFERENCES keys,
        at INTEGER NOT NULL,
        credit_at INTEGER NOT NULL,
        credited INTEGER NOT NULL DEFAULT 0 CHECK (credited IN (0, 1))
    ) STRICT
    """,
    "CREATE INDEX retirements_key ON retirements (keyid, at)",
    "CREATE INDEX retirements_due ON retirements (credit_at) WHERE credited = 0",
    # What is signed for media and downloads: which setup keys, or keys of preinstalled products, open which product.
    """
    CREATE TABLE grants (
        jti TEXT PRIMARY KEY,
        licensing_id TEXT NOT NULL REFERENCES agreements,
        product TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('setup', 'oem')),
        kid TEXT NOT NULL,
        payload BLOB NOT NULL,
        at INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX grants_product ON grants (licensing_id, product, at)",
    # A slot that was freed keeps its row, and its hardware may take another one: so both tables are made anew.
    """
    CREATE TABLE slots_2 (
        host_id TEXT PRIMARY KEY,
        keyid TEXT NOT NULL REFERENCES keys,
        dev TEXT NOT NULL,
        jkt TEXT NOT NULL,
        reactivations INTEGER NOT NULL DEFAULT 0 CHECK (reactivations >= 0),
        live INTEGER NOT NULL DEFAULT 1 CHECK (live IN (0, 1)),
        at INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE certificates_2 (
        jti TEXT PRIMARY KEY,
        host_id TEXT NOT NULL REFERENCES slots_2,
        predecessor TEXT UNIQUE REFERENCES certificates_2,
        replaced INTEGER NOT NULL DEFAULT 0 CHECK (replaced IN (0, 1)),
        jkt TEXT NOT NULL,
        iat INTEGER NOT NULL,
        exp INTEGER NOT NULL
    ) STRICT
    """,
    """
    INSERT INTO slots_2 (host_id, keyid, dev, jkt, reactivations, at)
    SELECT host_id, keyid, dev, jkt, reactivations, at FROM slots ORDER BY rowid
    """,
    """
    INSERT INTO certificates_2 (jti, host_id, predecessor, replaced, jkt, iat, exp)
    SELECT jti, host_id, predecessor, replaced, jkt, iat, exp FROM certificates ORDER BY rowid
    """,
    "DROP TABLE certificates",
    "DROP TABLE slots",
    "ALTER TABLE slots_2 RENAME TO slots",
    "ALTER TABLE certificates_2 RENAME TO certificates",
    "CREATE UNIQUE INDEX slots_dev ON slots (keyid, dev) WHERE live = 1",
    "CREATE INDEX slots_key ON slots (keyid, at)",
    "CREATE INDEX certificates_host ON certificates (host_id, iat)",
)

_LOG = (
    # The audit as a Merkle log: one leaf for each entry, in their order. `salt` is null once the entry was erased.
    """
    CREATE TABLE log (
        leaf INTEGER PRIMARY KEY CHECK (leaf >= 0),
        entry INTEGER NOT NULL UNIQUE REFERENCES audit,
        salt BLOB CHECK (length(salt) = 16),
        hash BLOB NOT NULL CHECK (length(hash) = 32)
    ) STRICT
    """,
    # Whole subtrees over leaves place * 2^level and on, of every fourth level: those between are hashed when asked for.
    """
    CREATE TABLE log_nodes (
        level INTEGER NOT NULL CHECK (level > 0),
        place INTEGER NOT NULL CHECK (place >= 0),
        hash BLOB NOT NULL CHECK (length(hash) = 32),
        PRIMARY KEY (level, place)
    ) STRICT, WITHOUT ROWID
    """,
    # `text` is null between the record of what will be signed and the signature, as with documents.
    """
    CREATE TABLE checkpoints (
        size INTEGER PRIMARY KEY CHECK (size >= 1),
        root BLOB NOT NULL CHECK (length(root) = 32),
        at INTEGER NOT NULL,
        kid TEXT NOT NULL,
        payload BLOB NOT NULL,
        text TEXT
    ) STRICT
    """,
    "CREATE INDEX checkpoints_unsigned ON checkpoints (size) WHERE text IS NULL",
    # The entry of an activation is found by its key and its time; each index entry ends with the entry's number.
    "DROP INDEX audit_subject",
    "CREATE INDEX audit_subject ON audit (subject, at)",
    # An entry never changes, but that its texts may be erased, once its salt is: its hash stays, and says nothing.
    "DROP TRIGGER audit_is_not_changed",
    """
    CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    WHEN NOT (
        NEW.entry = OLD.entry AND NEW.at = OLD.at AND NEW.act = OLD.act
        AND NEW.who = '' AND NEW.subject = '' AND NEW.detail = '{}'
        AND EXISTS (SELECT 1 FROM log WHERE log.entry = OLD.entry AND log.salt IS NULL)
    )
    BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
    """,
)

_DENIALS = (
    # What was refused, whether or not a key was proved (keyid is empty where none was), and whence; kept for 90 days.
    # `address` is one of IPv4, a network of IPv6, `file`, `unknown`, or `others` where a day has too many.
    """
    CREATE TABLE denials (
        day INTEGER NOT NULL,
        code TEXT NOT NULL,
        keyid TEXT NOT NULL,
        address TEXT NOT NULL,
        times INTEGER NOT NULL CHECK (times > 0),
        PRIMARY KEY (day, code, keyid, address)
    ) STRICT, WITHOUT ROWID
    """,
)

_DOOR = (
    # Who may call the management API: the secret is kept as its SHA-256 alone, `scopes` is a JSON list.
    # A token of an organization sees what is that organization's, one without sees all.
    """
    CREATE TABLE tokens (
        token_id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
        scopes TEXT NOT NULL CHECK (json_valid(scopes)),
        organization_id TEXT REFERENCES organizations,
        at INTEGER NOT NULL,
        expires INTEGER,
        revoked_at INTEGER
    ) STRICT
    """,
    # What was answered to a write under its Idempotency-Key, for a day. `answer` names what was made, and shows no key.
    """
    CREATE TABLE idempotency (
        token_id TEXT NOT NULL REFERENCES tokens,
        idempotency_key TEXT NOT NULL,
        digest BLOB NOT NULL CHECK (length(digest) = 32),
        answer TEXT NOT NULL CHECK (json_valid(answer)),
        at INTEGER NOT NULL,
        PRIMARY KEY (token_id, idempotency_key)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX idempotency_at ON idempotency (at)",
    # A key's activations in the order of their arrival, page by page.
    "CREATE INDEX activations_key ON activations (keyid, at)",
)

_SPREAD = tuple(
    # Whose they are, so that rows can be spread by it (docs/scale.md); null in rows that are older than this step, and
    # in acts on no agreement.
    f"ALTER TABLE {table} ADD COLUMN licensing_id TEXT"
    for table in ("activations", "answers", "slots", "certificates", "retirements", "refused", "audit")
)

# What was done by people, found among the activations of computers, which are nearly all of the audit: what an
# activation adds to it is in neither index, and costs nothing more.
_RECORD = (
    "CREATE INDEX audit_acts ON audit (act, entry, who) WHERE act <> 'activated'",
    "CREATE INDEX audit_acts_on ON audit (subject, entry) WHERE act <> 'activated'",
)

# All that activations are sought by stands beside a key's in their order, so that a rare one among very many is found
# without a look at each row.
_SOUGHT = ("CREATE INDEX activations_sought ON activations (keyid, at, dev, channel, product, live)",)
_KEY_GONE = ("DROP INDEX activations_key",)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    _FIRST,
    _PROMISES,
    _LOG,
    _DENIALS,
    _DOOR,
    WEBHOOKS,
    _SPREAD,
    MEMBERS,
    TELEPHONE,
    TALLIES,
    SHOWINGS,
    _RECORD,
    CASES,
    CASES_FOUND,
    _SOUGHT,
    _KEY_GONE,
)
# A program that knows this step may use every later one: each of those only adds (ADR 13). Raised, never lowered.
FLOOR = 5
