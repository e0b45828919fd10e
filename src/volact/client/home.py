"""One home: the files of one computer of one publisher, by record (spec D-2)."""

from __future__ import annotations

import os
import re
import shutil
import sys
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from volact.client import files
from volact.client.records import FILES, CatalogText, Publisher, Record, RevocationsText, Roots
from volact.credential.publisher import Pin, PublisherFile
from volact.errors import Damaged, Malformed, Refusal, Refused, Untrusted
from volact.protocol.trust import Trust

AnyRecord = TypeVar("AnyRecord", bound=Record)
# What changes belongs here by the Filesystem Hierarchy Standard; the site data folder is for what does not.
_MACHINE_FOLDERS = {"linux": Path("/var/lib/volact")}
_PRODUCT = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")


def machine_folder() -> Path:
    """The folder of the whole machine, which an administrator writes."""
    if sys.platform in _MACHINE_FOLDERS:
        return _MACHINE_FOLDERS[sys.platform]
    import platformdirs

    return Path(platformdirs.site_data_dir("volact"))


def user_folder() -> Path:
    """The folder of the user who runs this."""
    import platformdirs

    return Path(platformdirs.user_state_dir("volact"))


def default_home() -> Path:
    """The machine's folder where a computer was set up in it, else the user's."""
    machine = machine_folder()
    return machine if (machine / FILES[Publisher]).exists() else user_folder()


def default_home_to_write() -> Path:
    """The home in use; where there is none, the machine's folder for an administrator and the user's for others."""
    machine = machine_folder()
    is_administrator = hasattr(os, "geteuid") and os.geteuid() == 0
    return machine if is_administrator or (machine / FILES[Publisher]).exists() else user_folder()


def decode(kind: type[AnyRecord], body: bytes, *, name: str) -> AnyRecord:
    """Reads the body of a file; raises Damaged, which names the file."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as err:
        raise Damaged(f"{name} does not hold what it should: {err}", file=name) from err


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of records."""

    path: Path

    def file(self, kind: type[Record]) -> Path:
        """The file of a record."""
        return self.path / FILES[kind]

    def load(self, kind: type[AnyRecord]) -> AnyRecord | None:
        """The record, None where there is none; raises Damaged."""
        path = self.file(kind)
        body = files.read(path)
        return None if body is None else decode(kind, body, name=str(path))

    def load_whole(self, kind: type[AnyRecord]) -> AnyRecord | None:
        """The record, None where there is none or it is damaged: for what can be made anew."""
        try:
            return self.load(kind)
        except Damaged:
            return None

    def save(self, record: Record) -> None:
        """Writes the record, whole on disk when this returns."""
        files.write(self.file(type(record)), msgspec.json.encode(record))

    def drop(self, *kinds: type[Record]) -> None:
        """Removes records, which may be gone already."""
        for kind in kinds:
            files.remove(self.file(kind))


class Home(Folder):
    """The home folder: what is one for all products, and a folder for each product."""

    def lock(self) -> AbstractContextManager[None]:
        """Holds the home for writing; refuses with `home_missing` where there is no folder."""
        if not self.path.is_dir():
            raise Refused(Refusal("home_missing", f"no computer was set up in {self.path}"))
        return files.locked(self.path)

    def make(self) -> None:
        """Makes the folder of the home where it is not there yet."""
        with files.written(self.path.parent):
            files.make_folder(self.path, rights=files.SHARED)
            self.path.mkdir(exist_ok=True)  # for what is there already and is no folder

    def publisher(self) -> Publisher:
        """Whose computer this is; raises Damaged, or `home_missing` where none was set up."""
        found = self.load(Publisher)
        if found is None:
            raise Refused(Refusal("home_missing", f"no computer was set up in {self.path}"))
        return found

    def products(self) -> tuple[str, ...]:
        """The ids of the installed products, sorted."""
        try:
            names = [entry.name for entry in os.scandir(self.path / "products") if entry.is_dir()]
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as err:
            raise Damaged(f"{self.path} cannot be read: {err.strerror}", file=str(self.path)) from err
        return tuple(sorted(name for name in names if _PRODUCT.fullmatch(name)))

    def product(self, product: str) -> Folder:
        """The folder of a product, installed or not."""
        if not _PRODUCT.fullmatch(product):
            raise Refused(Refusal("unknown_product", f'"{product}" is no id of a product', {"product": product}))
        return Folder(self.path / "products" / product)

    def installed(self, product: str) -> Folder:
        """The folder of a product that was set up; refuses with `home_missing`."""
        self.publisher()
        if product not in self.products():
            raise not_installed(product)
        return self.product(product)

    def forget(self, product: str) -> None:
        """Removes a product's folder."""
        folder = self.product(product)
        with files.written(folder.path):
            shutil.rmtree(folder.path)

    def trust(self) -> Trust:
        """What the recorded pin reaches; raises Damaged, Untrusted, or `home_missing`."""
        known = self.publisher()
        roots, catalog, revocations = self.load(Roots), self.load(CatalogText), self.load(RevocationsText)
        if roots is None or catalog is None or revocations is None:
            raise Damaged(f"a document of the publisher is missing in {self.path}", file=str(self.path))
        return Trust.load(Pin.parse(known.pin), publisher_file(known, roots, catalog=catalog, revocations=revocations))

    def with_whole(self, trust: Trust) -> Trust:
        """That trust, with whatever is newer in the documents that are whole here: damage to one sets no other back."""
        roots, catalog = self.load_whole(Roots), self.load_whole(CatalogText)
        revocations = self.load_whole(RevocationsText)
        for text in roots.texts if roots else ():
            with suppress(Malformed, Untrusted):
                trust = trust.with_root(text.encode())
        with suppress(Malformed, Untrusted):
            trust = trust.with_catalog(catalog.text) if catalog else trust
        with suppress(Malformed, Untrusted):
            trust = trust.with_revocations(revocations.text) if revocations else trust
        return trust

    def keep_trust(self, trust: Trust) -> None:
        """Writes the publisher's documents that are newer than the ones on disk."""
        for record in (
            Roots(texts=tuple(signed.data.decode() for signed in trust.roots)),
            CatalogText(text=trust.catalog_text),
            RevocationsText(text=trust.revocations_text),
        ):
            if self.load_whole(type(record)) != record:
                self.save(record)


def publisher_file(
    known: Publisher, roots: Roots, *, catalog: CatalogText, revocations: RevocationsText
) -> PublisherFile:
    """The documents of a home as the publisher file that they once came in."""
    return PublisherFile(
        publisher=known.publisher,
        roots=roots.texts,
        catalog=catalog.text,
        revocations=revocations.text,
        service=known.service,
    )


def not_installed(product: str) -> Refused:
    """The refusal of a product that this home does not have."""
    return Refused(Refusal("home_missing", f"{product} is not installed in this home", {"product": product}))
