"""How an operation of the API is declared, so that the document says the same of all: scope, answer, refusals."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ninja import Router

from volact.protocol import problems
from volact.service.management.access import Token

View = TypeVar("View", bound=Callable[..., Any])
_REFUSALS = {
    "default": {
        "description": "A refusal, as RFC 9457 has it, with a stable `code` and its `fix`.",
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}


def offered(
    router: Router,
    method: str,
    *,
    path: str,
    scope: str,
    answer: Any,
    status: int = 200,
    said: Mapping[str, Any] | None = None,
) -> Callable[[View], View]:
    """Declares a view as an operation that a token with a scope may call; it is named as the view is.

    `said` is what the document says beside what the view does.
    """

    def declare(view: View) -> View:
        return router.api_operation(
            [method],
            path,
            auth=Token(scope, filters=_filters(view, path)),
            response={status: answer},
            operation_id=view.__name__,
            openapi_extra={
                "x-scope": scope,
                **(said or {}),
                "responses": {**(said or {}).get("responses", {}), **_REFUSALS},
            },
        )(view)

    return declare


def _filters(view: Callable[..., Any], path: str) -> frozenset[str]:
    """What may be asked for in a query: the view's arguments that are neither of the path, nor body or header."""
    arguments = inspect.signature(view).parameters.keys() - {"request", "body", "key"}
    return frozenset(name for name in arguments if f"{{{name}}}" not in path)
