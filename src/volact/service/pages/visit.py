"""Who looks at a page, in which organization, with which rights; and how a page reads and writes.

Every page is asked with a right. Whoever has no role in an organization gets the answer of one that does not exist;
whoever has a role there, without the right, is told so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings as conf
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from volact.errors import Refusal, Refused, VolactError, say
from volact.service.ledger import customers, forms, members, settings
from volact.service.ledger.connection import reading, writing
from volact.service.ledger.rows import MemberRow, MembershipRow
from volact.service.pages import look
from volact.service.pages.mount import HALL, REQUEST, Asked, Hall
from volact.service.ports import Act, Service
from volact.service.roles import Right, Role, may
from volact.service.signing import sign_pending
from volact.service.usecases.members import called

Found = TypeVar("Found")
PUBLISHER = ""  # the organization of the publisher's own people
SIGNED_IN = "signed_in"  # when, in the session (seconds)
_MEMBER = "_volact_member"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request to a page of a member who may see it."""

    request: HttpRequest
    service: Service  # this thread's, to read by
    member: MemberRow
    roles: tuple[MembershipRow, ...]
    seat: MembershipRow  # the role it is asked in
    owner: str  # the name of the organization, or of the publisher
    now: int

    @property
    def organization_id(self) -> str:
        """The organization that the page is about; empty on the publisher's own pages."""
        return self.seat.organization_id

    @property
    def role(self) -> Role:
        """The role that it is asked in."""
        return Role(self.seat.role)

    def may(self, right: Right) -> bool:
        """Whether the role has a right."""
        return may(self.role, right)

    def check(self, right: Right) -> None:
        """Raises Refused (`role_missing`) where the role lacks a right."""
        if not self.may(right):
            raise Refused(Refusal("role_missing", say("this needs another role than {role}", role=self.role)))

    def check_seat(self, service: Service) -> None:
        """Raises Refused (`not_found`) where the role is not the member's any more."""
        if self.seat not in members.roles_of(service.ledger, self.member.member_id):
            raise Refused(Refusal("not_found", "nothing is at that address"))

    @property
    def act(self) -> Act:
        """What the member does, now."""
        return Act(called(self.member), self.service.clock.now(), request=asked_of(self.request).request_id)

    def write(self, work: Callable[[Service, Act], Found]) -> Found:
        """Does work that writes, in one transaction of the service's one writer; raises what the work raises.

        Whoever lost the role while others were written is answered as one who never had it. What the work put on record
        to be signed is signed after it.
        """
        act = self.act

        def written(service: Service) -> Found:
            with writing(service.ledger):
                self.check_seat(service)
                done = work(service, act)
            sign_pending(service)  # what the work has put on record to be signed
            return done

        return hall_of(self.request).write(written)

    def once(self, work: Callable[[Service, Act], str]) -> HttpResponse:
        """Does the work of a form that counts, once however often it is sent, and goes to the page that it names.

        The form has the hidden field of `look.once`.
        """
        mark, member_id = self.posted("once"), self.member.member_id

        def kept(service: Service, act: Act) -> str:
            with_mark = forms.answered(service.ledger, member_id, mark=mark)
            if with_mark is not None:
                return with_mark
            to = work(service, act)
            forms.put(service.ledger, member_id, mark=mark, to=to, at=act.now)
            return to

        if not 16 <= len(mark) <= 64:
            raise Refused(Refusal("form_outdated", "the form came without the mark of the page that it is from"))
        return HttpResponseRedirect(self.write(kept))

    def posted(self, name: str) -> str:
        """A field of the form, without blanks around it; empty where it was not sent."""
        return _text(self.request.POST.get(name, ""))

    def asked(self, name: str) -> str:
        """A filter in the address, without blanks around it; empty where it was not given."""
        return _text(self.request.GET.get(name, ""))

    def here(self, **changed: object) -> str:
        """The address of this page with its filters, some of them changed; those that are empty are left out."""
        filters = {name: value for name, value in {**self.request.GET.dict(), **changed}.items() if value}
        return f"{self.request.path}?{urlencode(filters)}" if filters else self.request.path

    def page(self, template: str, *, status: int = 200, **values: Any) -> HttpResponse:
        """The page of a template."""
        return look.page(self.request, template, status=status, visit=self, **values)


def page(right: Right) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view for members with a right: in the organization that its address names, else among the publisher's own.

    A GET sees one state of the record from its first line to its last.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: HttpRequest, organization_id: str = PUBLISHER, **parts: Any) -> HttpResponse:
            member = visitor(request)
            if member is None:
                return redirect_to_login(request.get_full_path())
            service = hall_of(request).reader
            with reading(service.ledger):
                visit = _visit(request, service, member=member, organization_id=organization_id)
                if visit is None or "\0" in request.path:  # which no id has, and no database keeps
                    raise Http404
                visit.check(right)
                if request.method in ("GET", "HEAD"):
                    return view(visit, **parts)
            return view(visit, **parts)

        answer.right = right  # type: ignore[attr-defined]
        return told(answer)

    return decorate


def told(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view whose refusals are pages."""

    @wraps(view)
    def answer(request: HttpRequest, **parts: Any) -> HttpResponse:
        try:
            return view(request, **parts)
        except VolactError as err:
            asked_of(request).code = err.code
            return look.refusal(request, err.refusal)

    return answer


def visitor(request: HttpRequest) -> MemberRow | None:
    """The member who is signed in, or None; looked up once a request.

    Signed out is whose session is over, and whose account is of no member any more, in a record that was restored.
    """
    if not hasattr(request, _MEMBER):
        found = None
        if request.user.is_authenticated and _is_over(request):
            logout(request)
        if request.user.is_authenticated:
            found = members.member(hall_of(request).reader.ledger, request.user.get_username())
            asked_of(request).member = found.member_id if found else None
            if found is None:
                logout(request)
        setattr(request, _MEMBER, found)
    member: MemberRow | None = getattr(request, _MEMBER)
    return member


def _is_over(request: HttpRequest) -> bool:
    """Whether somebody signed in too long ago; showing once more who one is makes no session longer."""
    began = request.session.get(SIGNED_IN)
    return began is not None and hall_of(request).reader.clock.now() - began > conf.SESSION_COOKIE_AGE


def hall_of(request: HttpRequest) -> Hall:
    """What the pages of a request have."""
    found: Hall = request.scope[HALL]
    return found


def asked_of(request: HttpRequest) -> Asked:
    """What is known of a request."""
    found: Asked = request.scope[REQUEST]
    return found


def owner_name(service: Service, organization_id: str) -> str:
    """The name of an organization, or of the publisher."""
    if organization_id == PUBLISHER:
        return settings.text(service.ledger, settings.PUBLISHER_NAME) or settings.publisher_id(service.ledger)
    found = customers.organization(service.ledger, organization_id)
    return found.name if found else ""


def _text(given: object) -> str:
    return str(given).strip().replace("\0", "\N{REPLACEMENT CHARACTER}")  # which no database keeps


def _visit(request: HttpRequest, service: Service, *, member: MemberRow, organization_id: str) -> Visit | None:
    roles = members.roles_of(service.ledger, member.member_id)
    seat = next((role for role in roles if role.organization_id == organization_id), None)
    if seat is None:
        return None
    owner = owner_name(service, organization_id)
    return Visit(request, service, member, roles, seat, owner, service.clock.now())
