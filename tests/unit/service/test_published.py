import asyncio

from tests.unit.service.conftest import Office
from volact.licensing.catalog import Catalog
from volact.service.devices.published import Shelf
from volact.service.usecases.catalogs import publish


def test_commit_counts_from_the_next_turn_of_the_loop(office: Office, reference: Catalog) -> None:
    """What is published is looked up once in a turn of the event loop, and anew in the next one."""
    shelf, other = Shelf(office.service), office.again()

    async def versions() -> list[int]:
        seen = [shelf.newest.versions.catalog]
        publish(other, reference, act=office.act)
        seen.append(shelf.newest.versions.catalog)
        await asyncio.sleep(0)
        seen.append(shelf.newest.versions.catalog)
        return seen

    assert asyncio.run(versions()) == [1, 1, 2]
    publish(other, reference, act=office.act)
    assert shelf.newest.versions.catalog == 3  # outside of a loop every look is a new one
    assert asyncio.run(versions()) == [3, 3, 4]
