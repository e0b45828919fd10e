"""The management API's document: what is checked in is what is offered, and it says the same of every operation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi import FILE, text

from tests.support.managed import Managing, managing
from tests.support.service import Place
from volact.service.usecases.tokens import CUSTOMER_SCOPES, SCOPES

DOCUMENT: dict[str, Any] = json.loads(text())
OPERATIONS = [(method, path, told) for path, methods in DOCUMENT["paths"].items() for method, told in methods.items()]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Managing]:
    """A running front over a new publisher."""
    with managing(Place.make(tmp_path_factory.mktemp("document") / "service")) as office:
        yield office


def test_the_document_that_is_checked_in_is_the_one_that_is_offered(office: Managing) -> None:
    """The file in docs is what `python -m openapi` writes, and what everybody gets without a token."""
    assert FILE.read_text("utf-8") == text(), "write it anew: PYTHONPATH=tools .venv/bin/python -m openapi"
    served = office.call("GET", "/openapi.json", token=None)
    assert (served.status_code, served.json()) == (200, DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_each_operation_says_its_scope_its_answer_and_its_refusals() -> None:
    """Each operation has a name of its own, a sentence, one scope that a token can have, a token, and its refusals."""
    names = [told["operationId"] for _, _, told in OPERATIONS]
    assert len(set(names)) == len(names)
    for method, _, told in OPERATIONS:
        assert told["description"].rstrip().endswith(".")
        assert told["x-scope"] in SCOPES
        assert told["security"] == [{"Token": []}]
        assert "default" in told["responses"]
        headers = [each["name"] for each in told["parameters"] if each["in"] == "header"]
        reads = told["x-scope"] == "keys:reveal"  # and counts nothing
        numbered = told["operationId"] == "answer_bundle"  # each row has a number of its own
        assert headers == (["Idempotency-Key"] if method == "post" and not reads and not numbered else [])
    assert {told["x-scope"] for _, _, told in OPERATIONS} == set(SCOPES)
    assert {told["tags"][0] for _, _, told in OPERATIONS} == {tag["name"] for tag in DOCUMENT["tags"]}


def test_a_customers_token_reads_and_gives_back_and_nothing_more() -> None:
    """With the scopes that a customer's token can have nothing is issued, raised, blocked, published or configured."""
    writes = {
        told["operationId"] for method, _, told in OPERATIONS if method != "get" and told["x-scope"] in CUSTOMER_SCOPES
    }
    assert writes == {"reveal_keys", "retire_activation", "retire_activations"}


def test_schemas_are_named_once_and_all_of_them_are_used() -> None:
    """No schema of the document is left over, and each one that is named is there."""
    named = set(DOCUMENT["components"]["schemas"])
    used = {each.rpartition("/")[2] for each in _references(DOCUMENT)}
    assert used == named


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "$ref":
                yield each
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def test_the_file_is_where_people_look_for_it(root: Path) -> None:
    """The document lies beside the pages that speak of it."""
    assert root / "docs" / "openapi.json" == FILE
