"""A new publisher: its first root, its first catalog, and an empty revocation list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from volact.credential.keys import PublicKey, Signer
from volact.credential.lists import CatalogDocument
from volact.credential.root import Role, Root, RootKey, parse_root, sign_root
from volact.errors import Refusal, Refused, say
from volact.licensing.catalog import Catalog
from volact.service.ledger import audit, documents, settings
from volact.service.ledger.connection import writing
from volact.service.ledger.rows import DocumentRow
from volact.service.ports import Act, Service, Vault
from volact.service.signing import record_document, sign_pending
from volact.service.usecases.catalogs import document_of, pin
from volact.service.usecases.revocations import record_list

DAY = 86_400
ISSUING_SECONDS = 400 * DAY  # about a year, and a month in which two overlap
ISSUING_STEP = 365 * DAY
DOCUMENT_KEY_SECONDS = 10 * 365 * DAY
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_PUBLISHER_ID = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")


@dataclass(frozen=True, slots=True)
class Founding:
    """Who the publisher is, and how many of its root keys have to sign a root version."""

    publisher: str
    name: str
    threshold: int = 1


def check_founding(founding: Founding) -> None:
    """Raises Refused (`usage`) for an id that is no lower-case DNS name, or a name that nobody could read."""
    if not _PUBLISHER_ID.fullmatch(founding.publisher):
        detail = say('the id "{id}" is not a lower-case DNS name like acme.example', id=founding.publisher)
        raise Refused(Refusal("usage", detail))
    if not founding.name.strip() or len(founding.name) > 200 or not founding.name.isprintable():
        raise Refused(Refusal("usage", "the name is a text of 1 to 200 characters on one line"))


def found(service: Service, founding: Founding, *, catalog: Catalog, roots: Sequence[Signer], act: Act) -> str:
    """Founds the publisher in an empty ledger; gives the text of the pin that its products compile in."""
    check_founding(founding)
    with writing(service.ledger):
        settings.put(service.ledger, settings.PUBLISHER, value=founding.publisher)
        settings.put(service.ledger, settings.PUBLISHER_NAME, value=founding.name.strip())
        at = settings.signing_time(service.ledger, service.clock)
        root = _first_root(service.vault, founding, roots=roots, at=at)
        record_root(service, root, signers=roots)
        first = CatalogDocument(iss=founding.publisher, version=1, iat=at, catalog=document_of(catalog))
        record_document(service, first, root=root)
        record_list(service, root, at=at)
        audit.write(service.ledger, act, what="founded", subject=founding.publisher, detail={"name": root.name})
    sign_pending(service)
    return pin(service).text


def record_root(service: Service, root: Root, *, signers: Sequence[Signer]) -> None:
    """Records a root version with its signatures, inside the caller's transaction.

    Root keys are at hand only now, so that a version without its signatures could not be signed later; what was signed
    here is seen by nobody before the transaction is committed.
    """
    text = sign_root(root, tuple(signers))
    payload = parse_root(text).tokens[0].payload
    row = DocumentRow(kind="root", version=root.version, payload=payload, kid=None, text=text.decode(), at=root.iat)
    documents.record(service.ledger, row)


def draw_issuing_keys(vault: Vault, at: int) -> tuple[RootKey, ...]:
    """Two fresh issuing keys of about a year each, the second one to follow the first; they overlap."""
    first = root_key(vault.make().public, "issuing", span=(at, at + ISSUING_SECONDS))
    then = at + ISSUING_STEP
    return first, root_key(vault.make().public, "issuing", span=(then, then + ISSUING_SECONDS))


def root_key(public: PublicKey, role: Role, *, span: tuple[int, int]) -> RootKey:
    """An active key of the root from and until a time (seconds)."""
    return RootKey(jwk=public.jwk, role=role, state="active", nbf=span[0], exp=span[1])


def telephone_root_key(vault: Vault, *, slot: int, at: int) -> RootKey:
    """A fresh key that signs confirmations, in its slot of the root; it has no end that matters, since it rotates only
    when it is compromised."""
    jwk = vault.make_telephone().jwk
    return RootKey(jwk=jwk, role="telephone", state="active", nbf=at, exp=at + DOCUMENT_KEY_SECONDS, slot=slot)


def _first_root(vault: Vault, founding: Founding, *, roots: Sequence[Signer], at: int) -> Root:
    long = (at, at + DOCUMENT_KEY_SECONDS)
    keys = [root_key(signer.public, "root", span=long) for signer in roots]
    keys += draw_issuing_keys(vault, at)
    keys += [root_key(vault.make().public, role, span=long) for role in ("catalog", "revocations")]
    keys.append(telephone_root_key(vault, slot=0, at=at))
    return Root(
        iss=founding.publisher,
        name=founding.name.strip(),
        version=1,
        iat=at,
        exp=long[1],
        threshold=founding.threshold,
        keys=tuple(keys),
    )
