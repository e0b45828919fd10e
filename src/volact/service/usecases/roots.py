"""The next root version: fresh issuing keys, and compromised ones marked for ever."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec

from volact.credential.keys import Signer
from volact.credential.root import Role, Root, RootKey
from volact.credential.telephone.confirmation import SLOTS
from volact.errors import Refusal, Refused, say
from volact.service.ledger import audit, settings
from volact.service.ledger.connection import writing
from volact.service.ports import Act, Service
from volact.service.signing import current_root, sign_pending
from volact.service.usecases.catalogs import record_again
from volact.service.usecases.founding import (
    DOCUMENT_KEY_SECONDS,
    draw_issuing_keys,
    record_root,
    root_key,
    telephone_root_key,
)
from volact.service.usecases.revocations import record_list

_LEFT_SECONDS = 365 * 86_400  # a catalog or revocations key with less than this left is replaced too
_DOCUMENT_ROLES: tuple[Role, ...] = ("catalog", "revocations")


@dataclass(frozen=True, slots=True)
class Rotation:
    """What the new root version says: thumbprints of the keys that are new, retired and compromised with it."""

    version: int
    fresh: tuple[str, ...]
    retired: tuple[str, ...]
    compromised: tuple[str, ...]


def rotate(service: Service, signers: Sequence[Signer], *, compromised: Collection[str], act: Act) -> Rotation:
    """Publishes root version N+1, signed by a threshold of the root keys of both versions.

    Raises Refused: `root_threshold` for too few root keys, `unknown_signing_key` for a thumbprint that the root lacks.
    """
    with writing(service.ledger):
        root = current_root(service)
        at = settings.signing_time(service.ledger, service.clock)
        kept = _aged(root, set(compromised), at=at)
        chosen = _enough(root, kept, signers=signers)
        new = _next(service, root, kept=kept, at=at)
        record_root(service, new, signers=chosen)
        _record_documents(service, root, new=new)
        rotation = _told(root, new)
        audit.write(service.ledger, act, what="root rotated", subject=root.iss, detail=_detail(rotation))
    sign_pending(service)
    return rotation


def _aged(root: Root, compromised: set[str], *, at: int) -> tuple[RootKey, ...]:
    """The root's keys, none of them lost: issuing keys retired, compromised ones marked with the time of the mark."""
    unknown = compromised - {key.public.kid for key in root.keys}
    if unknown:
        kid = min(unknown)
        raise Refused(Refusal("unknown_signing_key", say("the root lists no key {kid}", kid=kid), {"kid": kid}))
    aged = []
    for key in root.keys:
        if key.public.kid in compromised and key.state != "compromised":
            key = msgspec.structs.replace(key, state="compromised", compromised=at)
        elif key.role == "issuing" and key.state == "active":
            key = msgspec.structs.replace(key, state="retired")
        aged.append(key)
    return tuple(aged)


def _enough(root: Root, kept: tuple[RootKey, ...], *, signers: Sequence[Signer]) -> tuple[Signer, ...]:
    """The signers that count, if they are a threshold of the root keys before and after."""
    given = {signer.public.kid: signer for signer in signers}
    before = {key.public.kid for key in root.active("root")} & given.keys()
    after = {key.public.kid for key in kept if key.role == "root" and key.state == "active"} & given.keys()
    have = min(len(before), len(after))
    if have < root.threshold:
        detail = say(
            "{have} of the {threshold} root keys that have to sign are in the folder",
            have=have,
            threshold=root.threshold,
        )
        raise Refused(Refusal("root_threshold", detail, {"have": have, "threshold": root.threshold}))
    return tuple(given[kid] for kid in sorted(before | after))


def _next(service: Service, root: Root, *, kept: tuple[RootKey, ...], at: int) -> Root:
    keys = list(kept)
    for role in _DOCUMENT_ROLES:
        active = [key for key in keys if (key.role, key.state) == (role, "active")]
        if not any(key.nbf <= at <= key.exp - _LEFT_SECONDS for key in active):
            keys = [_retired(key) if (key.role, key.state) == (role, "active") else key for key in keys]
            keys.append(root_key(service.vault.make().public, role, span=(at, at + DOCUMENT_KEY_SECONDS)))
    keys += draw_issuing_keys(service.vault, at)
    keys += _telephone(service, tuple(keys), at=at)
    return msgspec.structs.replace(
        root, version=root.version + 1, iat=at, exp=at + DOCUMENT_KEY_SECONDS, keys=tuple(keys)
    )


def _telephone(service: Service, keys: tuple[RootKey, ...], *, at: int) -> list[RootKey]:
    """The next telephone key, where the one before was compromised or there was none; none more after 16 of them."""
    listed = [key for key in keys if key.role == "telephone"]
    if any(key.state == "active" for key in listed) or len(listed) == SLOTS:
        return []
    return [telephone_root_key(service.vault, slot=len(listed), at=at)]


def _retired(key: RootKey) -> RootKey:
    return msgspec.structs.replace(key, state="retired")


def _record_documents(service: Service, root: Root, *, new: Root) -> None:
    """A role with another key than before signs its document again, as its next version."""
    changed = [role for role in _DOCUMENT_ROLES if _kids(root, role) != _kids(new, role)]
    if "catalog" in changed:
        record_again(service, new, at=new.iat)
    if "revocations" in changed:
        record_list(service, new, at=new.iat)


def _kids(root: Root, role: Role) -> set[str]:
    return {key.public.kid for key in root.active(role)}


def _told(root: Root, new: Root) -> Rotation:
    before = {key.public.kid: key.state for key in root.keys}
    turned = {key.public.kid: key.state for key in new.keys if before.get(key.public.kid) != key.state}
    return Rotation(
        version=new.version,
        fresh=tuple(kid for kid in turned if kid not in before),
        retired=tuple(kid for kid, state in turned.items() if state == "retired"),
        compromised=tuple(kid for kid, state in turned.items() if state == "compromised"),
    )


def _detail(rotation: Rotation) -> dict[str, object]:
    return {
        "version": rotation.version,
        "fresh": list(rotation.fresh),
        "retired": list(rotation.retired),
        "compromised": list(rotation.compromised),
    }
