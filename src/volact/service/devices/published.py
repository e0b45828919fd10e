"""What the publisher has signed and everybody may have: roots, catalog, list, as the record holds them right now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from volact.credential import lists
from volact.credential.root import Root, parse_root
from volact.errors import Damaged
from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import catalog_from
from volact.protocol.messages import Versions
from volact.service.ledger import admission, documents
from volact.service.ledger.connection import reading, translated
from volact.service.ledger.standing import Standing, standing
from volact.service.ports import Service


@dataclass(frozen=True, slots=True)
class Published:
    """One state of the publisher's documents; `usable` are the issuing keys whose signatures are still believed."""

    publisher: str
    url: str | None
    versions: Versions
    root: Root
    roots: tuple[str, ...]
    usable: frozenset[str]
    catalog_text: str
    catalog: Catalog
    revocations_text: str
    checkpoint: str | None = None
    log_size: int = 0

    def kept(self, now: Standing) -> Published | None:
        """The same with the checkpoint that stands now, or None where a document or the URL is another one now."""
        documents = (self.versions.root, self.versions.catalog, self.versions.revocations, self.url)
        if documents != (now.root, now.catalog, now.revocations, now.url):
            return None
        same = self.checkpoint == now.checkpoint
        return self if same else replace(self, checkpoint=now.checkpoint, log_size=now.log_size)


def published(service: Service, now: Standing, *, before: Published | None) -> Published:
    """The state that stands now, inside the caller's transaction; what has not changed is taken from `before`."""
    kept = before.kept(now) if before else None
    if kept:
        return kept
    versions = _versions(now)
    roots = documents.root_texts(service.ledger)
    root = parse_root(roots[-1].encode()).root
    catalog_text = _text(service, "catalog", version=versions.catalog)
    catalog = before.catalog if before and before.catalog_text == catalog_text else None
    return Published(
        publisher=root.iss,
        url=now.url,
        versions=versions,
        root=root,
        roots=roots,
        usable=_usable(service, root),
        catalog_text=catalog_text,
        catalog=catalog or catalog_from(lists.parse_catalog(catalog_text)[0].catalog),
        revocations_text=_text(service, "revocations", version=versions.revocations),
        checkpoint=now.checkpoint,
        log_size=now.log_size,
    )


class Shelf:
    """The newest state for those who only read; it looks again as soon as anybody has committed anything.

    One look serves all that is answered in one turn of the event loop: what is asked in it was sent before the look.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._seen: object = None
        self._published: Published | None = None
        self._turn: asyncio.AbstractEventLoop | None = None  # the loop in whose present turn it has looked

    @property
    def newest(self) -> Published:
        """The state as of now; raises Damaged, or `not_ready` while the record cannot be read."""
        loop = _running_loop()
        if self._published is not None and loop is not None and loop is self._turn:
            return self._published
        self._published = self._look()
        if loop is not None:
            self._turn = loop
            loop.call_soon(self._end_turn)  # runs before whatever comes in, or is decided, from here on
        return self._published

    def _end_turn(self) -> None:
        self._turn = None

    def _look(self) -> Published:
        ledger = self._service.ledger
        with translated(ledger):
            seen = admission.seen(ledger)
            if self._published is not None and seen == self._seen:
                return self._published
            kept = self._published.kept(standing(ledger)) if self._published else None
        if kept is None:  # several statements, of one state
            with reading(ledger):
                kept = published(self._service, standing(ledger), before=self._published)
        self._seen = seen  # what was committed since is seen as a change the next time
        return kept


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _versions(now: Standing) -> Versions:
    if now.root is None or now.catalog is None or now.revocations is None:
        raise Damaged("the service's record holds no signed root, catalog or revocation list")
    return Versions(now.root, now.catalog, now.revocations)


def _text(service: Service, kind: str, *, version: int) -> str:
    return documents.at_version(service.ledger, kind, version=version) or ""


def _usable(service: Service, root: Root) -> frozenset[str]:
    issuing = [key for key in root.keys if key.role == "issuing" and key.state != "compromised"]
    kids = [key.public.kid for key in issuing]
    return frozenset(kid for kid in kids if service.vault.signer(kid) is not None)
