"""The operations of the management API as one document, and its refusals as problems."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from volact.errors import Refusal, VolactError
from volact.service.management import (
    activations,
    agreements,
    cases,
    catalogs,
    center,
    centerbundles,
    hosts,
    issuing,
    organizations,
    record,
    webhooks,
)
from volact.service.management.office import visit_of
from volact.service.management.shapes import Problem
from volact.serving.asgi import problem_reply

_TOLD = 20  # of what is wrong with a request
_DESCRIPTION = """\
Organizations, agreements, keys, activations, hosts and the audit of one publisher.

Every operation asks for a token with its scope (`x-scope`), in `Authorization: Bearer`. A token of an organization sees
what is that organization's; what is another's is answered like what does not exist. A POST that counts takes an
`Idempotency-Key`. No answer has a product key in it but that of a reveal, and that of the center giving one out.
Refusals are problem documents (RFC 9457); `volact errors` lists their codes.
"""
_TAGS = {
    "organizations": "Customers and their affiliates.",
    "agreements": "What customers agreed on, each agreement under a Licensing ID.",
    "keys": "Product keys: issued, changed, blocked; shown by a reveal alone.",
    "activations": "What keys gave to computers.",
    "hosts": "Activation hosts under their host keys.",
    "center": "What the activation center does for a caller, with caller, proof and reason.",
    "catalog": "What is sold by volume.",
    "record": "The audit, and who was refused.",
    "webhooks": "Who is told of what happens.",
}


def _problem(request: HttpRequest, refusal: Refusal, *, instance: str | None = None) -> HttpResponse:
    visit_of(request).code = refusal.code
    reply = problem_reply(refusal, instance)
    headers = dict(reply.headers)
    if reply.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="volact"'
    return HttpResponse(reply.body, status=reply.status, content_type=reply.media, headers=headers)


def _refused(request: HttpRequest, err: Any) -> HttpResponse:
    assert isinstance(err, VolactError)
    return _problem(request, err.refusal)


def _malformed(request: HttpRequest, err: Any) -> HttpResponse:
    """What is wrong, and where; never what was sent, which may be a secret."""
    found = [{"where": _place(each["loc"]), "what": each["msg"]} for each in err.errors[:_TOLD]]
    detail = "; ".join(f"{each['where']}: {each['what']}" for each in found[:3])
    return _problem(request, Refusal("request_malformed", detail, {"errors": found}))


def _place(loc: tuple[Any, ...]) -> str:
    """`body.name` rather than `body.body.name`: ninja names the view's argument too."""
    return ".".join(str(part) for place, part in enumerate(loc) if place != 1 or part != loc[0])


def _unreadable(request: HttpRequest, err: Any) -> HttpResponse:
    return _problem(request, Refusal("request_malformed", "the body is not JSON"))


def _absent(request: HttpRequest, _: Any) -> HttpResponse:
    return _problem(request, Refusal("not_found", "nothing is at that address"))


def _defect(request: HttpRequest, err: Any) -> HttpResponse:
    instance = f"urn:uuid:{uuid.uuid4()}"
    visit_of(request).defect = (instance, err)
    return _problem(request, Refusal("internal", "the request could not be answered"), instance=instance)


api = NinjaAPI(title="Volact management API", version="1", description=_DESCRIPTION, docs_url=None, openapi_url=None)
ROOMS = (
    organizations,
    agreements,
    issuing,
    activations,
    hosts,
    center,
    centerbundles,
    cases,
    catalogs,
    record,
    webhooks,
)
for room in ROOMS:
    api.add_router("", room.router)
for kind, handler in (
    (VolactError, _refused),
    (ValidationError, _malformed),
    (HttpError, _unreadable),
    (Http404, _absent),
    (Exception, _defect),
):
    api.add_exception_handler(kind, handler)


def document() -> dict[str, Any]:
    """The API as an OpenAPI document."""
    told = api.get_openapi_schema(path_prefix="/api/v1/")
    components = told["components"]
    problem = Problem.model_json_schema()
    security = components["securitySchemes"]["Token"] | {"description": "A token of `volact service token add`."}
    return {
        **told,
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "components": {
            **components,
            "schemas": dict(sorted({**components["schemas"], "Problem": problem}.items())),
            "securitySchemes": {"Token": security},
        },
    }
