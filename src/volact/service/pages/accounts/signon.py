"""Single sign-on by OpenID Connect: on to the provider by a link, and back; servers asked are judged first."""

from __future__ import annotations

import os
import socket
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from allauth.socialaccount.providers.openid_connect import views
from django.http import HttpRequest, HttpResponse
from requests.adapters import HTTPAdapter
from urllib3.poolmanager import PoolManager

from volact.errors import Refused
from volact.service.pages import look
from volact.service.pages.visit import hall_of
from volact.service.webhooks.targets import Address, Allowed, Target, judged, read_target

_SECONDS = 5


def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Leads to the provider: by a link on a page, for a form must not lead to another site."""
    try:
        response: HttpResponse = views.login(request, provider_id)
    except (requests.RequestException, KeyError, ValueError) as err:  # not reached, or not as it has to answer
        note(request, err)
        return look.page(request, "socialaccount/authentication_error.html", status=502)
    to = response.headers.get("Location", "")
    if response.status_code == 302 and urlsplit(to).netloc:
        return look.page(request, "accounts/onward.html", to=to)
    return response


def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Comes back from the provider."""
    response: HttpResponse = views.callback(request, provider_id)
    return response


def note(request: HttpRequest, why: object) -> None:
    """Puts into the log why a sign-on came to nothing."""
    said = f"{type(why).__name__}: {why}" if isinstance(why, Exception) else str(why)
    hall_of(request).app.api.telemetry.not_signed_on(said[:300])


def session(allowed: Allowed) -> requests.Session:
    """What asks the provider's server: no proxy, no redirect, no address that was not judged, five seconds."""
    made = requests.Session()
    made.trust_env = False
    made.max_redirects = 0
    made.verify = os.environ.get("SSL_CERT_FILE") or True
    judging = _Judging(allowed)
    made.mount("https://", judging)
    made.mount("http://", judging)
    return made


class _Judging(HTTPAdapter):
    """Connects to an address that was judged, by TLS for the name that was asked for."""

    def __init__(self, allowed: Allowed) -> None:
        super().__init__()
        self._allowed = allowed

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Sends a request; raises requests.ConnectionError where it may not go."""
        try:
            target = read_target(request.url or "")
            addresses = judged(target, _looked_up(target), allowed=self._allowed)
        except OSError as err:
            raise requests.ConnectionError(str(err), request=request) from err
        except Refused as err:
            said = "only public https on 443 is asked, and what --sign-on-allow names"
            raise requests.ConnectionError(said, request=request) from err
        request.headers["Host"] = target.authority
        request.url = f"{target.scheme}://{_written(addresses[0])}:{target.port}{target.path}"
        self.poolmanager = _pools(target)
        return super().send(request, *args, **{**kwargs, "timeout": _SECONDS, "proxies": None})


def _pools(target: Target) -> PoolManager:
    if target.scheme == "http":
        return PoolManager()
    return PoolManager(server_hostname=target.host, assert_hostname=target.host)


def _looked_up(target: Target) -> list[Address]:
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(each[4][0]) for each in found))


def _written(address: Address) -> str:
    return f"[{address}]" if address.version == 6 else str(address)
