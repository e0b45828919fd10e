"""Catalogs for the tests of the licensing room: the shipped ones, and a small one that each test edits."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from volact.errors import Refusal
from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import CatalogInvalid, read_catalog_text

ROOT = Path(__file__).resolve().parents[3]

DAY = 86_400


@cache
def reference() -> Catalog:
    """The FAQ's products."""
    return read_catalog_text((ROOT / "catalogs/reference.toml").read_bytes(), "reference.toml")


@cache
def demo() -> Catalog:
    """The made-up publisher of engineering software."""
    return read_catalog_text((ROOT / "catalogs/demo.toml").read_bytes(), "demo.toml")


# A made-up publisher of music software: a suite whose host key also serves a plug-in, and a sampler.
_SMALL: dict[str, Any] = {
    "title": "Music software",
    "policy": {"declared": "lease", "default_host_platform": "linux"},
    "pools": {"studio": {"name": "Studio"}},
    "count_groups": {"desks": {"name": "Desks"}},
    "product_groups": {
        "suite": {
            "name": "Suite",
            "number": 1,
            "pool": "studio",
            "kinds": ["mak", "host", "retail"],
            "count_group": "desks",
            "threshold": 3,
            "activates": ["plugin"],
            "hosts": {"linux": "yes", "bsd": "wheel"},
        },
        "plugin": {
            "name": "Plug-in",
            "number": 2,
            "pool": "studio",
            "kinds": ["mak", "host"],
            "count_group": "desks",
            "threshold": 2,
            "host_group": "suite",
        },
        "sampler": {"name": "Sampler", "number": 3, "pool": "studio", "kinds": ["setup", "retail", "mak", "cal"]},
    },
    "products": {
        "suite-1": {"name": "Suite 1", "group": "suite"},
        "plugin-1": {"name": "Plug-in 1", "group": "plugin", "counts_virtual": False},
        "sampler-1": {"name": "Sampler 1", "group": "sampler", "kinds": ["retail"], "channels": ["retail"]},
        "sampler-2": {"name": "Sampler 2", "group": "sampler", "kinds": ["mak"]},
    },
    "host_platforms": {
        "linux": {"name": "Linux"},
        "bsd": {"name": "BSD", "may_be_virtual": False},
        "mac.10": {"name": "Mac"},
    },
    "updates": {"wheel": {"name": "Wheel", "from_version": 4}},
    "programs": {
        "fixed": {"name": "Fixed", "allowance": {"activations": 7}},
        "level": {"name": "Level", "allowance": {"by_level": {"A": 10, "B": 5}}},
        "bands": {
            "name": "Bands",
            "allowance": {
                "bands": [{"up_to": 5, "activations": 9}, {"up_to": 9, "activations": 20}],
                "per_license": 3,
            },
        },
        "plain": {"name": "Plain"},
    },
    "centers": [
        {"country": "NO", "number": "+47 1", "hours": "always", "languages": ["nb", "pt-BR"]},
        {"country": "SE", "number": "+46 1", "hours": "never", "languages": []},
    ],
}


def small() -> dict[str, Any]:
    """The small catalog as a document that a test may edit."""
    return deepcopy(_SMALL)


def edited(*edits: tuple[str, object]) -> dict[str, Any]:
    """The small catalog with members set by path (`products/suite-1/kinds`); None takes a member away."""
    document = small()
    for path, value in edits:
        *tables, name = path.split("/")
        table = document
        for step in tables:
            table = table.setdefault(step, {})
        if value is None:
            del table[name]
        else:
            table[name] = value
    return document


def read(document: Mapping[str, object]) -> Catalog:
    """The catalog of a document that is written as a file first."""
    return read_catalog_text("".join(f"{json.dumps(key)} = {_inline(value)}\n" for key, value in document.items()))


def problems_of(read_it: Callable[[], object]) -> list[tuple[object, object]]:
    """Paths and reasons of a catalog that is refused."""
    try:
        read_it()
    except CatalogInvalid as error:
        problems = error.fields["problems"]
        assert isinstance(problems, list)
        return [(problem["path"], problem["reason"]) for problem in problems]
    return []


def code_of(answer: object) -> str | None:
    """The code of a refusal, None for anything else."""
    return answer.code if isinstance(answer, Refusal) else None


def _inline(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return value.isoformat() if isinstance(value, datetime.date) else json.dumps(value, ensure_ascii=False)
