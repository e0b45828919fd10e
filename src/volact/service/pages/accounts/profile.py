"""Where a member begins, and a member's own settings."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from volact.service.ledger import members
from volact.service.pages import look
from volact.service.pages.navigation import home
from volact.service.pages.visit import hall_of, told, visitor
from volact.service.usecases.members import LANGUAGES, THEMES, settle_member


@told
def start(request: HttpRequest) -> HttpResponse:
    """Goes to the first page of the member's first role."""
    member = visitor(request)
    if member is None:
        return redirect_to_login("/")
    roles = members.roles_of(hall_of(request).reader.ledger, member.member_id)
    if not roles:
        return look.page(request, "accounts/nowhere.html")
    return HttpResponseRedirect(home(roles[0]))


@told
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language and theme."""
    member = visitor(request)
    if member is None:
        return redirect_to_login(request.path)
    if request.method == "POST":
        name, language, theme = (request.POST.get(field, "").strip() for field in ("name", "language", "theme"))
        hall_of(request).write(
            lambda service: settle_member(
                service, member.member_id, name=name, language=language or None, theme=theme or None
            )
        )
        return HttpResponseRedirect(request.path)
    return look.page(request, "accounts/settings.html", languages=LANGUAGES, themes=THEMES)
