"""Refusals on the wire."""

from __future__ import annotations

from volact.errors import Refusal
from volact.protocol.problems import from_problem, numbered, to_problem


def test_a_refusal_names_its_request() -> None:
    """A refusal travels with the number of the request that it answers, beside the code's own members."""
    refusal = Refusal("mak_exhausted", "the key has given all", {"allowance": 5})
    _, document = to_problem(numbered(refusal, "mot3ltg9jZoo038JwWEeSA"))
    read = from_problem(document)
    assert (read.code, dict(read.fields)) == ("mak_exhausted", {"allowance": 5, "rid": "mot3ltg9jZoo038JwWEeSA"})
    assert numbered(refusal, None) == refusal
