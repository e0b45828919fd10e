"""`volact host`: the activation host in an organization's network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volact.cli import hostphone, hostwords
from volact.cli.ui import Ui, time
from volact.errors import Refusal, Refused
from volact.host import setup
from volact.host.config import DEFAULT_BIND
from volact.host.overview import overview
from volact.host.upstream import Step, Upstream

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="The activation host in an organization's network.",
)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The host's folder.")]
RequestFile = Annotated[Path | None, typer.Option("--request", metavar="FILE", help="Write a request file instead.")]
ResponseFile = Annotated[
    Path | None, typer.Option("--response", metavar="FILE", help="Read the answer to a request file.")
]
Publisher = Annotated[Path, typer.Option("--publisher", metavar="FILE", help="The publisher file.")]


@app.command("init")
def init(
    ctx: typer.Context,
    folder: Folder,
    publisher: Publisher,
    service: Annotated[str | None, typer.Option(metavar="URL", help="Where the publisher's service answers.")] = None,
    platform: Annotated[str | None, typer.Option(metavar="ID", help="This system's id in the catalog.")] = None,
    virtual: Annotated[bool, typer.Option("--virtual", help="This is a virtual machine.")] = False,
    identity: Annotated[Path | None, typer.Option(metavar="FILE", help="A declared identity, for tests.")] = None,
) -> None:
    """Makes a host that believes the publisher file."""
    ui: Ui = ctx.obj
    settings = setup.init(folder, setup.Wish(publisher, service, platform, virtual, identity))
    data = {
        "publisher": settings.publisher,
        "pin": settings.pin,
        "platform": settings.platform,
        "virtual": settings.virtual,
        "dev": settings.dev,
        "service": settings.service,
    }
    ui.result(
        data,
        [
            f"{folder} is a host of {settings.publisher} on {settings.platform}",
            f"  next  volact host install-key {folder} -",
        ],
    )


@app.command("install-key")
def install_key(
    ctx: typer.Context,
    folder: Folder,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key, or - to read it from standard input.")],
) -> None:
    """Installs a host key; the key itself is not kept."""
    ui: Ui = ctx.obj
    with setup.opened(folder) as host:
        installed, new = setup.install_key(host, ui.read_secret(key))
        name = host.state().trust.catalog.product_groups[installed.product_group].name
        _warn(ui, host.watcher.fork())
    data = {"keyid": installed.keyid, "product_group": installed.product_group, "first_group": installed.first_group}
    word = "is installed" if new else "was installed already"
    ui.result(data, [f"key {installed.first_group}-... for {name} {word}", f"  next  volact host activate {folder}"])


@app.command("activate")
def activate(
    ctx: typer.Context,
    folder: Folder,
    request: RequestFile = None,
    response: ResponseFile = None,
    phone: Annotated[bool, typer.Option("--phone", help="In one call to the activation center.")] = False,
) -> None:
    """Activates the installed keys at the publisher's service; what is active is renewed and takes none."""
    ui: Ui = ctx.obj
    if sum((request is not None, response is not None, phone)) > 1:
        raise Refused(Refusal("usage", "either --request, --response or --phone"))
    if phone:
        hostphone.by_phone(ui, folder)
        return
    if request is not None:
        _write_request(ui, folder, file=request)
        return
    with setup.opened(folder) as host:
        upstream = Upstream(host)
        steps = upstream.activate() if response is None else (upstream.read_answer(setup.read_bytes(response)),)
        forked = host.watcher.fork()
    _warn(ui, forked)
    _tell(ui, steps)


app.command("installation-id")(hostphone.installation_id)
app.command("confirm")(hostphone.confirm)


@app.command("update")
def update(
    ctx: typer.Context,
    folder: Folder,
    file: Annotated[Path | None, typer.Option(metavar="FILE", help="A newer publisher file.")] = None,
    request: RequestFile = None,
    response: ResponseFile = None,
) -> None:
    """Brings newer root, catalog and revocation list, and renews the certificates; without a network by files."""
    ui: Ui = ctx.obj
    if sum(each is not None for each in (file, request, response)) > 1:
        raise Refused(Refusal("usage", "either --file, --request or --response"))
    if request is not None:
        _write_request(ui, folder, file=request)
        return
    with setup.opened(folder) as host:
        upstream, steps = Upstream(host), tuple[Step, ...]()
        if file is not None:
            setup.update_from_file(host, file)
        elif response is not None:
            steps = (upstream.read_answer(setup.read_bytes(response), catalog=True),)
        else:
            upstream.refresh(catalog=True)
            steps = upstream.renew()
        versions, forked = host.state().trust.versions, host.watcher.fork()
    _warn(ui, forked)
    for step in steps:
        if step.refusal is not None:
            ui.warn(step.refusal)
    data = {"root": versions.root, "catalog": versions.catalog, "revocations": versions.revocations}
    ui.result(
        {"versions": data},
        [f"root {versions.root}, catalog {versions.catalog}, revocation list {versions.revocations}"],
    )


def _write_request(ui: Ui, folder: Path, *, file: Path) -> None:
    with setup.opened(folder) as host:
        key, data = Upstream(host).request_file()
        setup.write_given_file(file, data)
    ui.result(
        {"request": str(file), "keyid": key.keyid, "product_group": key.product_group},
        [f"{file} asks for key {key.first_group}-...; `volact service answer` answers it, or a bundle with others"],
    )


@app.command("run")
def run(
    ctx: typer.Context,
    folder: Folder,
    bind: Annotated[str, typer.Option(metavar="HOST:PORT")] = DEFAULT_BIND,
    allow: Annotated[list[str] | None, typer.Option(metavar="CIDR", help="Networks beside private addresses.")] = None,
    tls_cert: Annotated[Path | None, typer.Option(metavar="FILE")] = None,
    tls_key: Annotated[Path | None, typer.Option(metavar="FILE")] = None,
) -> None:
    """Answers the computers until it is stopped; asks nobody but the publisher's service."""
    from volact.host.app import RunOptions  # the server's libraries load for the server alone
    from volact.host.app import run as run_host
    from volact.serving.run import Tls

    ui: Ui = ctx.obj
    if (tls_cert is None) != (tls_key is None):
        raise Refused(Refusal("usage", "--tls-cert and --tls-key are given together"))
    tls = None if tls_cert is None or tls_key is None else Tls(tls_cert, tls_key)
    run_host(
        folder,
        RunOptions(bind, tuple(allow or ()), tls),
        ready=lambda url: ui.result({"url": url}, [f"the host answers at {url}; Ctrl-C stops it"]),
    )


@app.command("status")
def status(ctx: typer.Context, folder: Folder) -> None:
    """Says what the host may serve, what it counted, and what needs a word."""
    ui: Ui = ctx.obj
    with setup.opened(folder) as host:
        seen = overview(host, host.clock())
    for warning in seen.warnings:
        ui.warn(warning)
    ui.result(hostwords.status_data(seen), lambda ui: hostwords.show_status(ui, seen))


@app.command("computers")
def computers(ctx: typer.Context, folder: Folder) -> None:
    """Lists the computers that asked, those seen last first."""
    ui: Ui = ctx.obj
    with setup.opened(folder) as host:
        found, now = host.view.computers(), host.clock()
        _warn(ui, host.watcher.fork())
    rows = [
        {
            "dev": each.dev,
            "hint": each.hint or None,
            "products": list(each.products),
            "virtual": each.virtual,
            "first_seen": time(each.first_seen),
            "last_seen": time(each.last_seen),
            "lease_expires": time(each.lease_expires),
        }
        for each in found
    ]
    ui.result({"computers": rows}, lambda ui: hostwords.show_computers(ui, found, now=now))


def _warn(ui: Ui, forked: Refusal | None) -> None:
    """Says that the publisher's log does not fit; nothing is stopped by it."""
    if forked is not None:
        ui.warn(forked)


def _is_replaced(step: Step, steps: tuple[Step, ...]) -> bool:
    """Whether a blocked key's product group is served by another key of this host."""
    groups = {group for each in steps if each.certificate is not None for group in each.certificate.groups}
    return step.refusal is not None and step.refusal.code == "key_blocked" and step.key.product_group in groups


def _tell(ui: Ui, steps: tuple[Step, ...]) -> None:
    """One line a key; the first refusal ends the command with exit code 1, after what was done is kept."""
    for step in steps:
        if step.warning is not None:
            ui.warn(step.warning)
    refused = [step for step in steps if step.refusal is not None and not _is_replaced(step, steps)]
    if refused and refused[0].refusal is not None:
        raise Refused(refused[0].refusal)
    for step in steps:
        if step.refusal is not None:
            ui.warn(step.refusal)
    ui.result({"certificates": hostwords.steps_data(steps)}, [hostwords.step_line(step) for step in steps])
