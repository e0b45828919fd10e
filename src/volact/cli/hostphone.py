"""`volact host installation-id` and `confirm`: activating a host where nothing may leave but a voice."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volact.cli import dictation
from volact.cli.dictation import Dictated
from volact.cli.ui import Ui, date, time
from volact.host import setup, telephone
from volact.host.setup import Host
from volact.host.telephone import HostConfirmed, HostReadsOut

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The host's folder.")]
Group = Annotated[
    str | None, typer.Option("--product-group", metavar="ID", help="Of which host key, where several are installed.")
]
Country = Annotated[str | None, typer.Option("--country", help="Show the center of this country, such as NO.")]


def installation_id(
    ctx: typer.Context,
    folder: Folder,
    *,
    product_group: Group = None,
    country: Country = None,
    qr: Annotated[bool, typer.Option("--qr", help="Draw the digits as a QR code as well.")] = False,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Write the QR code to this file.")] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="With a new device key, where the center says that the present one ended.")
    ] = False,
) -> None:
    """Shows what to read out to the activation center, and which one to call."""
    with setup.opened(folder) as host:
        told = telephone.installation_id(host, product_group, country=country, anew=anew)
        dictated = _dictated(host, told)
    dictation.show(ctx.obj, dictated, qr=qr, svg=svg)


def confirm(
    ctx: typer.Context,
    folder: Folder,
    *,
    code: Annotated[
        str | None,
        typer.Argument(metavar="CODE", help="The confirmation ID, - to read it; else it is asked for by groups."),
    ] = None,
) -> None:
    """Takes the confirmation ID that the activation center told; with the installation ID it is the certificate."""
    ui: Ui = ctx.obj
    with setup.opened(folder) as host:
        _tell(ui, telephone.confirm(host, ui.read_text(code) if code else dictation.take(ui)))


def by_phone(ui: Ui, folder: Path) -> None:
    """One call: shows the installation ID, and asks for the confirmation ID."""
    with setup.opened(folder) as host:
        dictation.talk(ui, _dictated(host, telephone.installation_id(host)))
        _tell(ui, telephone.confirm(host, dictation.take(ui)))


def _dictated(host: Host, told: HostReadsOut) -> Dictated:
    group = host.state().trust.catalog.product_groups[told.key.product_group]
    names = {"product_group": group.id, "keyid": told.key.keyid}
    then = f"volact host confirm {host.place.folder}"
    return Dictated(names, f"this host for {group.name}", told.installation, told.center, then)


def _tell(ui: Ui, done: HostConfirmed) -> None:
    said, key = done.certificate, done.key
    told = {"keyid": key.keyid, "product_group": said.group, "host_id": said.host, "expires": time(said.exp)}
    lines = [
        f"{key.first_group}-...: activated by telephone until {date(said.exp)}; nothing renews it but another call",
        f"  the center knows this host as {said.host}",
    ]
    ui.result({"certificates": [told | {"renewed": False}]}, lines)
