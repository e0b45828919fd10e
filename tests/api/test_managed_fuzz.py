"""The management API's document held against a running service: odd input is refused, and never breaks anything.

In CI each operation is tried some times on each database; by `scripts/test --by-hand tests/api/test_managed_fuzz.py`
many more.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres import Server
from schemathesis import Case, checks

from tests.api.test_managed_document import DOCUMENT
from tests.support.databases import BOTH
from tests.support.managed import MANY
from tests.support.service import Place, Running, now
from volact.service.usecases.tokens import SCOPES, add_token

checks.load_all_checks()
HELD = checks.CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
        "missing_required_header",
        "ignored_auth",
    ]
)
# What stands in a query is text: a number or a list there is as good as the text that it is written as.
REFUSED = checks.CHECKS.get_by_names(["negative_data_rejection"])
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
NEGATIVE = schemathesis.GenerationMode.NEGATIVE
LABELS = [operation.ok().label for operation in SCHEMA.get_all_operations()]


@pytest.fixture(scope="module", params=BOTH)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    """A running service, and a token that may do everything."""
    folder = tmp_path_factory.mktemp("fuzz") / "service"
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        place = Place.make(folder, database=server.database())
    else:
        place = Place.make(folder)
    with place.opened() as opened:
        token = add_token(opened, "fuzz", scopes=SCOPES, organization_id=None, days=None, act=now()).text
    with place.running("--rate-limit", str(MANY)) as running:
        yield running, token


@pytest.mark.parametrize("label", LABELS)
def test_operation_answers_as_its_document_says(service: tuple[Running, str], label: str, by_hand: bool) -> None:
    """Whatever is sent, the answer is one that the document has: never a defect, and refused where it does not fit."""
    running, token = service
    operation = SCHEMA.find_operation_by_label(label)
    assert operation is not None

    held = HELD if label.startswith("GET ") else HELD + REFUSED

    @given(case=st.one_of(operation.as_strategy(), operation.as_strategy(generation_mode=NEGATIVE)))
    @settings(max_examples=300 if by_hand else 25, deadline=None, suppress_health_check=list(HealthCheck))
    def hold(case: Case[Any]) -> None:
        case.call_and_validate(running.url, headers={"Authorization": f"Bearer {token}"}, checks=held)  # type: ignore[arg-type]

    hold()
