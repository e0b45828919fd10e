"""The operation that takes a bundle of many computers as an upload, and gives its answer back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from volact.service.devices.bundles import MEDIA_TYPE
from volact.service.management.offers import offered
from volact.service.management.office import office_of, visit_of

router = Router(tags=["center"])
_FILE = {"schema": {"type": "string", "format": "binary"}}
_SAID = {
    "requestBody": {"required": True, "content": {"application/octet-stream": _FILE}},
    "responses": {200: {"description": "The answer to the bundle (spec P-9.5).", "content": {MEDIA_TYPE: _FILE}}},
}


@offered(router, "POST", path="/center/bundles", scope="center:act", answer=None, said=_SAID)
async def answer_bundle(request: HttpRequest) -> Any:
    """Answers a bundle of at most 256 MiB, each row by itself; sent again it gets the same answer and takes nothing."""
    visit = visit_of(request)
    assert visit.body is not None
    uploads = office_of(request).uploads
    answering = uploads.answered(visit.body, by=visit.act, request_id=visit.request_id)
    answered = await visit.held.enter_async_context(answering)
    visit.answer = answered.answer
    return HttpResponse(content_type=MEDIA_TYPE)
