"""How long advice takes by a catalog of 1,000 products, whatever is asked; reading the catalog is not counted."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from volact.errors import Refusal
from volact.licensing.advice import advise, read_question
from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import catalog_from

GROUPS = 250
EDITIONS = 4
PLATFORMS = 20
RUNS = 21


def measure(folder: Path) -> dict[str, Any]:
    """Measures the part `advice`: of each question the median of some runs, over them the median and the slowest."""
    catalog = catalog_from(_document())
    taken = [_time(question, catalog) for question in _questions()]
    return {
        "products": len(catalog.products),
        "questions": len(taken),
        "p50_ms": round(statistics.median(taken), 3),
        "max_ms": round(max(taken), 3),
    }


def _time(question: dict[str, Any], catalog: Catalog) -> float:
    """Milliseconds from the parsed JSON to the advice."""
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        read = read_question(question, catalog)
        advice = read if isinstance(read, Refusal) else advise(catalog, read)
        times.append((time.perf_counter() - began) * 1000)
        assert not isinstance(advice, Refusal), advice
    return statistics.median(times)


def _questions() -> Iterator[dict[str, Any]]:
    """The newest, a middle and the oldest product with every further member, alone and all together."""
    every = {_product(group, edition): 1 for group in range(GROUPS) for edition in range(EDITIONS)}
    host = {"platform": "platform-1", "virtual": True, "serves": [f"group-{each}" for each in range(0, GROUPS, 10)]}
    members: list[dict[str, Any]] = [
        {},
        {"computers": 3},
        {"others": {"computers": 40}, "virtual": True, "domain": True},
        {"connected": False, "domain": True},
        {"program": "pool", "level": "A", "licenses": {"product-5-1": 3}},
        {"program": "purchase", "licenses": every},
        {"host": host},
        {"reimage": True, "mak": {"remaining": 3}},
    ]
    for group in (GROUPS - 1, GROUPS // 2, 60):
        product = {"product": _product(group, 0), "computers": 60}
        older = {"downgrade_to": _product(group - 50, 0)}
        for some in members:
            yield product | some
            yield product | some | older
        whole: dict[str, Any] = {}
        for some in members:
            whole |= some
        yield product | whole | older | {"computers": 60, "connected": True}


def _product(group: int, edition: int) -> str:
    return f"product-{group}-{edition}"


def _document() -> dict[str, Any]:
    """A catalog in which every host key serves all earlier generations, and every product stands in for them."""
    groups = {f"group-{number}": _group(number) for number in range(GROUPS)}
    products = {
        _product(number, edition): {
            "name": f"Product {number}.{edition}",
            "group": f"group-{number}",
            "downgrades": [_product(number - back, 0) for back in range(1, 51) if back <= number],
        }
        for number in range(GROUPS)
        for edition in range(EDITIONS)
    }
    return {
        "title": "Many generations",
        "pools": {f"pool-{number}": {"name": f"Pool {number}"} for number in range(10)},
        "count_groups": {"computers": {"name": "Computers"}},
        "updates": {"late": {"name": "Late", "from_version": 2}},
        "host_platforms": {f"platform-{number}": {"name": f"Platform {number}"} for number in range(PLATFORMS)},
        "product_groups": groups,
        "products": products,
        "programs": {
            "pool": {"name": "Pool", "keys": "pool", "allowance": {"by_level": {"A": 50}}},
            "purchase": {"name": "Purchase", "keys": "purchase"},
        },
    }


def _group(number: int) -> dict[str, Any]:
    words = ("yes", "late", "never")
    return {
        "name": f"Group {number}",
        "number": number,
        "pool": f"pool-{number % 10}",
        "kinds": ["mak", "host"],
        "count_group": "computers",
        "threshold": 5,
        "directory": number >= GROUPS // 2,
        "activates": [f"group-{earlier}" for earlier in range(number)],
        "hosts": {f"platform-{each}": words[(number + each) % 3] for each in range(2, PLATFORMS)}
        | {"platform-1": "yes"},
    }
