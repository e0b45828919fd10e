"""Sending a bundle from a connected place: several pages on their way, each kept when it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

from volact.client.files import write_lines
from volact.client.installation import normal_url
from volact.errors import Refusal, Refused
from volact.fleet.bundlefile import BundleFile, opened_bundle
from volact.fleet.link import Link, client
from volact.fleet.partial import Partial, opened_partial
from volact.fleet.requestfiles import Tell
from volact.protocol.bundles import Row
from volact.protocol.results import answer_lines

AT_ONCE = 4  # pages on their way


def ask(bundle: Path, out: Path, *, url: str, tell: Tell) -> None:
    """Has every row of a bundle answered, and writes the answer anew once all are.

    What was answered is on disk page by page; stopped, the same call goes on from there. Raises Refused
    (`bundle_damaged`, `bundle_of_other_publisher`, `folder_in_use`), Unreachable, Untrusted, StorageFull.
    """
    with opened_bundle(bundle) as whole, opened_partial(out.absolute(), whole.mark) as partial:
        tell(partial.rows, whole.count)
        asyncio.run(_ask(whole, partial, url=normal_url(url), out=out.absolute(), tell=tell))


async def _ask(bundle: BundleFile, partial: Partial, *, url: str, out: Path, tell: Tell) -> None:
    async with client(url) as opened:
        link = Link(opened, url)
        answering = (await link.about()).publisher
        if answering != bundle.publisher:
            detail = f"the bundle is for {bundle.publisher}, and {answering} answers at {url}"
            raise Refused(Refusal("bundle_of_other_publisher", detail, {"publisher": bundle.publisher}))
        missing = ((number, page) for number, page in enumerate(bundle.pages()) if not partial.has(number))
        workers = [
            asyncio.create_task(_work(link, partial, pages=missing, tell=lambda done: tell(done, bundle.count)))
            for _ in range(AT_ONCE)
        ]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        documents = await link.documents()
    write_lines(out, answer_lines(documents, partial.lines()))


async def _work(
    link: Link, partial: Partial, *, pages: Iterator[tuple[int, tuple[Row, ...]]], tell: Callable[[int], None]
) -> None:
    for number, page in pages:
        partial.add(number, await link.page(page))
        tell(partial.rows)
