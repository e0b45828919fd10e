"""What a row of each table is in memory: values that say nothing about how they are kept."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

# What stands for the device key of whoever told a `dev` by telephone, and no key: no thumbprint has a colon.
DEV_MARK, DIRECTORY_MARK = "dev:", "directory:"


@dataclass(frozen=True, slots=True)
class OrganizationRow:
    """A customer, perhaps an affiliate of another one."""

    organization_id: str
    name: str
    parent: str | None
    country: str | None
    at: int


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """What an organization agreed on; days are ISO text, the last one still counts, null is open."""

    licensing_id: str
    organization_id: str
    program: str
    level: str | None
    valid_from: str | None
    valid_until: str | None
    at: int
    licenses: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key that was issued; key and proof key stay sealed until the vault's envelope opens them."""

    keyid: str
    licensing_id: str
    kind: str
    product_group: str
    product: str
    state: str
    allowance: int
    used: int
    first_group: str
    sealed_key: bytes
    sealed_proof_key: bytes
    at: int

    @property
    def remaining(self) -> int:
        """Activations, of a host key places for hosts, that are left."""
        return self.allowance - self.used


class ActivationRow(msgspec.Struct, frozen=True):
    """One activation that was counted; it holds while `live` is 1."""

    activation_id: str
    keyid: str
    jkt: str
    dev: str
    channel: str
    product: str
    live: int
    at: int


class AnswerRow(msgspec.Struct, frozen=True):
    """The exact payload that answers one request of one device key, and the key that signs it."""

    jkt: str
    rid: str
    digest: str
    typ: str
    kid: str
    payload: bytes
    about: str
    at: int


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A host's place under a host key, once for each `dev` while `live` is 1; `reactivations` are those taken."""

    host_id: str
    keyid: str
    dev: str
    jkt: str
    reactivations: int
    at: int
    live: int = 1

    @property
    def way(self) -> str:
        """How it was activated: `online` (or by a file), or without its key being told, `telephone` or `directory`."""
        if self.jkt.startswith(DIRECTORY_MARK):
            return "directory"
        return "telephone" if self.jkt.startswith(DEV_MARK) else "online"


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One certificate of a slot."""

    jti: str
    host_id: str
    predecessor: str | None
    replaced: int
    jkt: str
    iat: int
    exp: int


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One version of root, catalog or revocation list; `text` is null until it was signed."""

    kind: str
    version: int
    payload: bytes
    kid: str | None
    text: str | None
    at: int


@dataclass(frozen=True, slots=True)
class RevokedRow:
    """One line of the revocation list: a host (with its device key), a key or an activation."""

    kind: str
    id: str
    jkt: str
    at: int


class AuditRow(msgspec.Struct, frozen=True):
    """Who did what to which subject, when, with which detail (JSON)."""

    entry: int
    at: int
    who: str
    act: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class RetirementRow:
    """An activation that was returned; from `credit_at` on its key has it again, `credited` says that it was done."""

    activation_id: str
    keyid: str
    at: int
    credit_at: int
    credited: int = 0


@dataclass(frozen=True, slots=True)
class GrantRow:
    """The exact payload of a grant that was signed for media or a download, and the key that signs it."""

    jti: str
    licensing_id: str
    product: str
    kind: str
    kid: str
    payload: bytes
    at: int


@dataclass(frozen=True, slots=True)
class LeafRow:
    """One entry of the audit in the log; `salt` is None once the entry was erased."""

    leaf: int
    entry: int
    salt: bytes | None
    hash: bytes


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """The log's root at one size, the exact payload that says so, and its signed text; None until it was signed."""

    size: int
    root: bytes
    at: int
    kid: str
    payload: bytes
    text: str | None = None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token of the management API, without its secret; `organization_id` is None for one that sees all."""

    token_id: str
    name: str
    scopes: tuple[str, ...]
    organization_id: str | None
    at: int
    expires: int | None = None
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """Who is told of which types of events, of all where there are none; the secret before signs until a time."""

    webhook_id: str
    url: str
    description: str
    types: tuple[str, ...]
    sealed_secret: bytes
    sealed_before: bytes | None
    before_until: int
    state: str
    at: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """What happened to `about`, and the exact body that says so."""

    event_id: str
    type: str
    at: int
    licensing_id: str | None
    about: str
    body: bytes


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One event for one webhook: how often it was tried, when it is tried next, what the last try came to."""

    event_id: str
    webhook_id: str
    at: int
    state: str
    attempts: int
    next_at: int
    until: int
    last_status: int | None
    last_error: str | None
    last_at: int | None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A person who may use the pages; `language` and `theme` are None where the browser's hold."""

    member_id: str
    email: str
    name: str
    at: int
    language: str | None = None
    theme: str | None = None


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """A member's role in an organization, the publisher's own where `organization_id` is empty."""

    member_id: str
    organization_id: str
    role: str
    at: int
    ended_at: int | None = None


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An address that was invited to a role, once, until a time; `member_id` is who accepted."""

    invitation_id: str
    email: str
    organization_id: str
    role: str
    invited_by: str
    at: int
    expires: int
    ended_at: int | None = None
    member_id: str | None = None
