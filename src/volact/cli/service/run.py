"""`volact service run`: device API, management API and pages on the network, until it is told to stop."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated

import typer

from volact.cli.service.desk import Dir, by_whom
from volact.cli.ui import Ui
from volact.errors import Refusal, Refused
from volact.service.app import composed
from volact.service.config import Folder
from volact.service.devices.telemetry import json_log
from volact.service.front import PER_MINUTE, fronted
from volact.service.pages.backups import checked
from volact.service.pages.mailing import Mail
from volact.service.ports import Act
from volact.service.usecases.settling import check_url, set_url
from volact.service.webhooks.targets import Allowed
from volact.serving.callers import read_network
from volact.serving.run import Tls, serve, split_bind

app = typer.Typer(add_completion=False, rich_markup_mode=None)
BIND = "127.0.0.1:8470"
Pem = Annotated[Path | None, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="PEM.")]
MailUrl = Annotated[
    str | None, typer.Option(metavar="URL", help="smtp://USER@HOST:PORT?starttls; else standard error has e-mail.")
]
MailFrom = Annotated[str, typer.Option(metavar="ADDRESS", help="Whom e-mail is from.")]
MailPassword = Annotated[
    Path | None, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="What holds that user's password.")
]
SignOnAllow = Annotated[
    list[str] | None,
    typer.Option(metavar="HOST[:PORT]|CIDR", help="Where a sign-on's server may be beside public https."),
]


@app.command("run")
def run(
    ctx: typer.Context,
    folder: Dir,
    bind: Annotated[str, typer.Option(metavar="HOST:PORT", help="Where to listen; port 0 takes a free one.")] = BIND,
    tls_cert: Pem = None,
    tls_key: Pem = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where computers reach this service; kept in DIR.")
    ] = None,
    trust_proxy: Annotated[
        list[str] | None,
        typer.Option(metavar="CIDR", help="A proxy whose X-Forwarded-For names the caller; may be repeated."),
    ] = None,
    rate_limit: Annotated[
        int, typer.Option(metavar="N", min=1, help="Requests a minute of one token of the management API.")
    ] = PER_MINUTE,
    mail: MailUrl = None,
    mail_from: MailFrom = "volact@localhost",
    mail_password: MailPassword = None,
    sign_on_allow: SignOnAllow = None,
    backups: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where administrators may make backups from a page.")
    ] = None,
    webhook_allow: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST[:PORT]|CIDR", help="Where webhooks may go beside public https; may be repeated."),
    ] = None,
) -> None:
    """Answers computers, hosts, back offices and browsers until it is stopped."""
    # 1. what was asked for can be done
    ui: Ui = ctx.obj
    tls = _tls(bind, tls_cert, key=tls_key)
    trusted = tuple(map(read_network, trust_proxy or ()))
    place = Folder(folder)
    allowed, sign_on = Allowed.read(webhook_allow or ()), Allowed.read(sign_on_allow or ())
    post = _mail(mail, mail_from, password=mail_password)
    kept = checked(backups) if backups else None
    # 2. the service, which knows its address before its pages do: their cookies are as it is
    with composed(place, log=json_log(), trusted=trusted, allowed=allowed) as service:
        if url is not None:
            set_url(service.writer, check_url(url), act=Act(by_whom(), service.writer.clock.now()))
        newest = service.api.shelf.newest

        def ready(address: str) -> None:
            said = {"publisher": newest.publisher, "url": address, "service": service.api.shelf.newest.url}
            ui.result(said, [f"the service of {newest.publisher} answers at {address}"])

        # 3. what the network sees of it
        with fronted(service, place, per_minute=rate_limit, mail=post, sign_on=sign_on, backups=kept) as front:
            serve(front, bind=bind, tls=tls, ready=ready, alongside=[service.work])


def _mail(url: str | None, sender: str, *, password: Path | None) -> Mail:
    if url is None:
        return Mail(sender=sender)
    told = password.read_text().strip() if password else os.environ.get("VOLACT_MAIL_PASSWORD", "")
    return Mail.read(url, sender=sender, password=told)


def _tls(bind: str, cert: Path | None, *, key: Path | None) -> Tls | None:
    if (cert is None) != (key is None):
        raise Refused(Refusal("usage", "--tls-cert and --tls-key are given together"))
    if cert is not None and key is not None:
        return Tls(cert, key)
    host, _ = split_bind(bind)
    if not _is_loopback(host):
        detail = f"{bind} can be reached from other computers, and plain http is offered on loopback only: give"
        raise Refused(Refusal("usage", f"{detail} --tls-cert and --tls-key, or put a proxy with TLS before {BIND}"))
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
