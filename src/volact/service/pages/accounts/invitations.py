"""Invitations: the link is looked at by GET, and accepted by POST alone."""

from __future__ import annotations

import secrets
from typing import Any

from allauth.account.internal.flows.login import perform_password_login, record_authentication
from allauth.account.models import EmailAddress, Login
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from volact.credential.encoding import symbols
from volact.errors import VolactError
from volact.service.ledger import members
from volact.service.ledger.rows import InvitationRow
from volact.service.pages import look
from volact.service.pages.visit import asked_of, hall_of, owner_name, told, visitor
from volact.service.ports import Act, Service
from volact.service.usecases.members import accept, invitation


@told
def invited(request: HttpRequest, secret: str) -> HttpResponse:
    """Says who invites to what, and takes a name and a password; a member of that address signs in instead."""
    hall = hall_of(request)
    service = hall.reader
    row = invitation(service, secret, now=service.clock.now())
    known, member = members.member_at(service.ledger, row.email), visitor(request)
    owner = owner_name(service, row.organization_id)
    values: dict[str, Any] = {"row": row, "owner": owner, "known": known, "errors": [], "name": ""}
    if known and (member is None or member.member_id != known.member_id):
        return look.page(request, "accounts/invitation-sign-in.html", here=request.path, **values)
    if request.method != "POST":
        return look.page(request, "accounts/invitation.html", **values)
    if known is None:
        values["name"], password = request.POST.get("name", "").strip(), request.POST.get("password", "")
        values["errors"] = _errors(values["name"], password, email=row.email)
        if values["errors"]:
            return look.page(request, "accounts/invitation.html", status=422, **values)
    return _accepted(request, row, secret=secret, name=values["name"])


def _accepted(request: HttpRequest, row: InvitationRow, *, secret: str, name: str) -> HttpResponse:
    hall = hall_of(request)
    act = Act(row.email, hall.reader.clock.now(), request=asked_of(request).request_id)
    if visitor(request) is not None:
        hall.write(lambda service: accept(service, secret, member_id="", name="", act=act))
        return HttpResponseRedirect("/")
    user = _account(row.email, password=request.POST["password"])
    try:
        member = hall.write(lambda service: accept(service, secret, member_id=user.get_username(), name=name, act=act))
    except VolactError:
        user.delete()
        raise
    if member.member_id != user.get_username():  # who became a member by another link meanwhile
        user.delete()
        return HttpResponseRedirect("/")
    _open(user)
    login = Login(user=user, email=row.email, redirect_url="/account/2fa/")
    response: HttpResponse = perform_password_login(request, {"email": row.email}, login)
    record_authentication(request, user, method="password", reauthenticated=True)  # no need to ask again at once
    return response


def _account(email: str, *, password: str) -> Any:
    """An account that nobody can use until a member has its name."""
    name = symbols(secrets.token_bytes(10))
    return get_user_model().objects.create_user(name, email, password, is_active=False)


def finish(service: Service) -> None:
    """Opens accounts of those who became members as the service was ended: both are on record, in two databases."""
    for user in get_user_model().objects.filter(is_active=False):
        if members.member(service.ledger, user.get_username()) is not None:
            _open(user)
    connection.close()


@transaction.atomic
def _open(user: Any) -> None:
    """Makes it the one account of its address; others were left half-way."""
    get_user_model().objects.filter(email=user.email).exclude(pk=user.pk).delete()
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    user.is_active = True
    user.save()


def _errors(name: str, password: str, *, email: str) -> list[str]:
    found = []
    if not name or len(name) > 200 or not name.isprintable():
        found.append(_("A name has 1 to 200 characters, on one line."))
    try:
        validate_password(password, get_user_model()(email=email, first_name=name))
    except ValidationError as err:
        found += err.messages
    return found
