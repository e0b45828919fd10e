"""What a running host goes on doing whatever happens, and what two of its programs may not undo for each other."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.support.desk import host_state
from tests.support.publisher import Publisher
from volact.host.metrics import Metrics
from volact.host.store import Database, HostStore
from volact.host.upkeep import Upkeep


class Told:
    """A log that remembers, and then cannot be written any more."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def error(self, event: str, **_: object) -> None:
        """Remembers an event, on a disk that has become full."""
        self.events.append(event)
        raise OSError("no room is left")

    info = warning = error


def test_upkeep_survives_a_defect(tmp_path: Path) -> None:
    """A host goes on looking after its certificates after a defect, also where its log cannot be written."""
    told = Told()

    def broken() -> int:
        raise RuntimeError("a clock without a face")

    async def look() -> bool:
        work = asyncio.create_task(Upkeep(tmp_path, told, Metrics(), clock=broken).run())
        await asyncio.wait([work], timeout=0.5)
        ended = work.done()
        work.cancel()
        return ended

    assert (asyncio.run(look()), told.events) == (False, ["upkeep stopped short"])


def test_documents_are_not_set_back(tmp_path: Path) -> None:
    """A catalog that `host update` brought stays when a look that began before it keeps a newer revocation list."""
    publisher = Publisher.of()
    store = HostStore(Database.create(tmp_path / "host.db"))
    store.begin(host_state(publisher).settings, publisher.trust)
    began = publisher.trust
    publisher.publish()
    store.keep_trust(publisher.trust)
    publisher.revoke(publisher.issue("mak", "windows-7"))
    listed = publisher.document("/v1/revocations")
    assert listed is not None
    store.keep_trust(began.with_revocations(listed.decode()))
    kept = store.publisher_file()
    assert (kept.catalog, kept.revocations) == (publisher.trust.catalog_text, listed.decode())
