"""`volact client`: a computer, its products and how they are licensed."""

from __future__ import annotations

import signal
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import Any, NoReturn

import msgspec
import typer

from volact.cli import dictation, licenses, qrcodes
from volact.cli.ui import Ui
from volact.client import activation, agent, answerfile, files, installation, keyring, overview, telephone
from volact.client.computer import Computer
from volact.client.home import Home, default_home, default_home_to_write
from volact.client.logwatch import watcher
from volact.client.records import InstalledKey
from volact.errors import Refusal, Refused, VolactError
from volact.protocol.callsheets import CallSheet

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="A computer: its products and how they are licensed.",
)
_READS = frozenset({"status"})


class Channel(StrEnum):
    """How an installation was sold."""

    VOLUME = "volume"
    RETAIL = "retail"
    OEM = "oem"


class Way(StrEnum):
    """Whom `activate` asks."""

    HOST = "host"
    MAK = "mak"
    SETUP = "setup"
    RETAIL = "retail"


PRODUCT = typer.Option(None, "--product", help="One product of the home; without it, all that fit.")


@app.callback()
def client(
    ctx: typer.Context,
    home: Path | None = typer.Option(None, "--home", help="The computer's folder; else the machine's, or the user's."),
) -> None:
    """A computer: its products and how they are licensed."""
    default = default_home if ctx.invoked_subcommand in _READS else default_home_to_write
    ctx.meta["volact.computer"] = Computer(Home(home.absolute() if home else default()))


@app.command()
def init(
    ctx: typer.Context,
    product: str = typer.Option(..., "--product", help="The product's id in the publisher's catalog."),
    publisher: Path = typer.Option(..., "--publisher", exists=True, dir_okay=False, help="The publisher file."),
    pin: str | None = typer.Option(None, "--pin", help="The pin of the product; else the first file decides."),
    channel: Channel | None = typer.Option(
        None, "--channel", help="How the installation was sold; else as it was, at first volume."
    ),
    arch: str | None = typer.Option(None, "--arch", help="The edition that is installed, such as x86 or x64."),
    virtual: bool = typer.Option(False, "--virtual", help="The computer is a virtual one."),
    identity: Path | None = typer.Option(
        None, "--identity", exists=True, dir_okay=False, help="A file that declares who this computer is."
    ),
) -> None:
    """Sets a product up on this computer; may be repeated."""
    ui, computer = _of(ctx)
    setup = installation.Setup(
        product,
        publisher.read_bytes(),
        pin=pin,
        channel=channel.value if channel else None,
        arch=arch,
        virtual=virtual,
        identity=identity,
    )
    warning = installation.init(computer, setup)
    if warning:
        ui.warn(warning)
    known = computer.home.publisher()
    data = {"product": product, "publisher": known.publisher, "pin": known.pin, "home": str(computer.home.path)}
    ui.result(data, [f"{product} of {known.publisher} is set up in {computer.home.path}"])


@app.command()
def remove(ctx: typer.Context, product: str = typer.Option(..., "--product", help="The product to forget.")) -> None:
    """Forgets a product, its key and its license."""
    ui, computer = _of(ctx)
    installation.remove(computer, product)
    ui.result({"product": product}, [f"{product} is removed"])


@app.command("install-key")
def install_key(
    ctx: typer.Context,
    key: str = typer.Argument(..., help="The key, `generic`, or - to read the key from standard input."),
    product: str | None = PRODUCT,
    grant: Path | None = typer.Option(
        None,
        "--grant",
        exists=True,
        dir_okay=False,
        help="The file that came with a setup or OEM key and opens it.",
    ),
) -> None:
    """Installs a key; `generic` turns the computer back into a client of a host."""
    ui, computer = _of(ctx)
    opener = grant.read_bytes() if grant else None
    chosen = keyring.install_key(computer, ui.read_secret(key), product=product, grant=opener)
    kept = computer.home.product(chosen[0]).load(InstalledKey)
    assert kept is not None
    named = {"kind": kept.kind, "keyid": kept.keyid, "first_group": kept.first_group}
    words = f"key {kept.first_group} ({kept.kind})" if kept.first_group else "the generic key"
    opened = ", and licenses it without a network" if grant else ""
    ui.result({"products": list(chosen), **named}, [f"{words} is installed for {', '.join(chosen)}{opened}"])


@app.command()
def activate(
    ctx: typer.Context,
    product: str | None = PRODUCT,
    method: Way | None = typer.Option(None, "--method", help="By a host or by the key; else the newest key decides."),
    host: str | None = typer.Option(None, "--host", help="The activation host's URL; remembered when it answers."),
    service: str | None = typer.Option(None, "--service", help="The publisher's service; else the one of its file."),
    request: Path | None = typer.Option(None, "--request", help="Write the request to this file and send nothing."),
    response: Path | None = typer.Option(None, "--response", exists=True, dir_okay=False, help="Read this answer."),
    qr: bool = typer.Option(False, "--qr", help="Draw the request as a QR code as well, for whoever has a camera."),
) -> None:
    """Asks a host or the publisher for a license, also where there is one."""
    ui, computer = _of(ctx)
    if request and response:
        raise Refused(Refusal("usage", "either --request or --response"))
    if qr and not request:
        raise Refused(Refusal("usage", "--qr draws what --request writes"))
    products = _products(computer, product)
    if request or response:
        if len(products) > 1:
            raise Refused(Refusal("usage", "a file is for one product: name it with --product"))
        _by_file(ctx, products[0], request=request, response=response, method=method, qr=qr)
        return
    route = activation.Route(method.value if method else None, host, service)
    refusals = [refusal for each in products if (refusal := _ask(ui, computer, product=each, route=route))]
    _warn_of_fork(ctx)
    if refusals:
        raise Refused(refusals[0])
    licenses.show(ui, [overview.overlook(computer, each) for each in products])


@app.command("installation-id")
def installation_id(
    ctx: typer.Context,
    product: str | None = PRODUCT,
    country: str | None = typer.Option(None, "--country", help="Show the center of this country, such as NO."),
    qr: bool = typer.Option(False, "--qr", help="Draw the digits as a QR code as well."),
    svg: Path | None = typer.Option(None, "--svg", help="Write the QR code to this file."),
) -> None:
    """Shows what to read out to the activation center, and which one to call."""
    ui, computer = _of(ctx)
    told = telephone.installation_id(computer, product, country=country)
    dictation.show(ui, dictation.of_computer(told), qr=qr, svg=svg)


@app.command()
def confirm(
    ctx: typer.Context,
    code: str | None = typer.Argument(None, help="The confirmation ID, - to read it; else it is asked for by groups."),
    product: str | None = PRODUCT,
    file: Path | None = typer.Option(None, "--file", exists=True, dir_okay=False, help="Read it from this file."),
    keep: Path | None = typer.Option(None, "--keep", help="Write both IDs to this file, for the time after reimaging."),
) -> None:
    """Takes the confirmation ID that the activation center told, or one that was kept with --keep."""
    ui, computer = _of(ctx)
    if code and file:
        raise Refused(Refusal("usage", "either the confirmation ID or --file"))
    products = telephone.confirm(computer, _confirmation(ui, code, file=file), product=product)
    if keep:
        with files.written(keep.absolute().parent):
            keep.write_text(telephone.kept_text(computer, products[0]), "utf-8")
    licenses.show(ui, [overview.overlook(computer, each) for each in products])


@app.command()
def run(
    ctx: typer.Context,
    once: bool = typer.Option(False, "--once", help="Ask what is due, fetch the publisher's documents, and end."),
) -> None:
    """The agent: renews, retries, and fetches the publisher's documents."""
    ui, computer = _of(ctx)
    computer.home.publisher()
    if once:
        for done in (*agent.turn(computer, at_once=True), *agent.refresh(computer)):
            if done.refusal:
                ui.warn(done.refusal)
        _warn_of_fork(ctx)
        licenses.show(ui, overview.status(computer))
        return
    signal.signal(signal.SIGTERM, _end)  # whatever it waits for: what is on disk is whole at every moment
    ui.talk(f"the agent of {computer.home.path} runs; SIGTERM ends it")
    agent.run(computer, Event(), said=lambda done: ui.talk(licenses.told(done)))


@app.command()
def status(
    ctx: typer.Context,
    product: str | None = PRODUCT,
    why: bool = typer.Option(False, "--why", help="What licensed the product, what was tried, what comes next."),
) -> None:
    """Says what each product's license is worth now."""
    ui, computer = _of(ctx)
    if product is not None or not computer.home.products():
        computer.home.publisher()
    chosen = _products(computer, product) if product is not None else computer.home.products()
    views = [view for view in overview.status(computer) if view.status.product in chosen]
    licenses.show(ui, views, why=why, log=watcher(computer).look() if why else None)


@app.command("set-host")
def set_host(ctx: typer.Context, url: str = typer.Argument(..., help="The activation host's URL.")) -> None:
    """Remembers the activation host."""
    ui, computer = _of(ctx)
    kept = installation.set_host(computer, url)
    ui.result({"host": kept}, [f"the activation host is {kept}"])


@app.command("clear-host")
def clear_host(ctx: typer.Context) -> None:
    """Forgets the activation host."""
    ui, computer = _of(ctx)
    installation.clear_host(computer)
    ui.result({"host": None}, ["no activation host is set"])


@app.command()
def generalize(ctx: typer.Context) -> None:
    """Makes the home ready to be copied: each copy becomes a computer of its own."""
    ui, computer = _of(ctx)
    installation.generalize(computer)
    products = list(computer.home.products())
    ui.result({"products": products}, ["this home is nobody's now; each copy of it becomes a computer of its own"])


def _of(ctx: typer.Context) -> tuple[Ui, Computer]:
    _warn_of_fork(ctx)
    return ctx.obj, ctx.meta["volact.computer"]


def _warn_of_fork(ctx: typer.Context) -> None:
    """Every command says once that the publisher's log does not fit; it changes no license."""
    forked = watcher(ctx.meta["volact.computer"]).fork()
    if forked is not None and not ctx.meta.get("volact.warned"):
        ctx.meta["volact.warned"] = True
        ctx.obj.warn(forked)


def _products(computer: Computer, product: str | None) -> tuple[str, ...]:
    products = computer.home.products()
    if not products:
        raise Refused(Refusal("home_missing", f"no computer was set up in {computer.home.path}"))
    if product is None:
        return products
    computer.home.installed(product)
    return (product,)


def _ask(ui: Ui, computer: Computer, *, product: str, route: activation.Route) -> Refusal | None:
    try:
        warning = activation.activate(computer, product, route=route)
    except VolactError as err:
        return Refusal(err.code, err.detail, {"product": product, **err.fields})
    if warning:
        ui.warn(warning)
    return None


def _by_file(
    ctx: typer.Context, product: str, *, request: Path | None, response: Path | None, method: Way | None, qr: bool
) -> None:
    ui, computer = _of(ctx)
    if response:
        answerfile.read_response(computer, product, data=response.read_bytes())
        _warn_of_fork(ctx)
        licenses.show(ui, [overview.overlook(computer, product)])
    elif request:
        data = answerfile.write_request(computer, product, method=method.value if method else None)
        sheet = _write_with_sheet(request, data, sheet=telephone.call_sheet(computer, product))
        drawn = list(qrcodes.drawn(qrcodes.qr_code(data.decode(), error="l"))) if qr else []

        def lines(ui: Ui) -> None:
            for row in drawn:
                ui.line(row, style="black on white")
            ui.line(f"the request is in {request}")
            if sheet:
                ui.line(f"what a call needs is in {sheet}, for `volact fleet proxy phone`")

        said = {"product": product, "request": str(request), "call_sheet": str(sheet) if sheet else None}
        ui.result(said, lines)


def _write_with_sheet(request: Path, data: bytes, *, sheet: CallSheet | None) -> Path | None:
    """Writes a request, and its call sheet beside it; gives where that is."""
    with files.written(request.absolute().parent):
        request.write_bytes(data)
        if sheet is None:
            return None
        beside = request.with_suffix(".call") if request.suffix == ".request" else Path(f"{request}.call")
        beside.write_bytes(msgspec.json.encode(sheet) + b"\n")
        return beside


def _confirmation(ui: Ui, code: str | None, *, file: Path | None) -> str:
    """What was typed, piped in or kept in a file; without any of them it is asked for group by group."""
    if file:
        return file.read_bytes().decode("utf-8", "replace")
    return ui.read_text(code) if code else dictation.take(ui)


def _end(*_: Any) -> NoReturn:
    raise SystemExit(0)
