"""`volact service telephone`: the automatic menu that activates computers by telephone."""

from __future__ import annotations

import os
from itertools import groupby
from typing import Annotated

import typer

from volact.cli.service.desk import Dir, at_desk
from volact.cli.ui import Ui
from volact.service.config import Folder
from volact.service.opening import opened
from volact.service.telephone.calls import Answer, Caller, answer, hang_up
from volact.service.telephone.provider import PREFIX
from volact.service.telephone.texts import spoken
from volact.service.telephone.voice import PROGRAM, Voice
from volact.service.usecases.telephoneprovider import Provider, provider_of, remove_provider, set_provider

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def telephone() -> None:
    """The automatic menu that activates computers by telephone."""


@app.command("set")
def set_(
    ctx: typer.Context,
    folder: Dir,
    *,
    url: Annotated[str, typer.Option("--url", metavar="URL", help="Where the provider reaches this service.")],
    token: Annotated[str, typer.Option("--token", help="What the provider signs with; - reads it.")] = "-",
    person: Annotated[
        str, typer.Option("--person", metavar="NUMBER", help="Who is called for a caller that wants a person.")
    ] = "",
) -> None:
    """Names the provider that calls the menu; a running service knows it after its next start."""
    ui: Ui = ctx.obj
    secret = ui.read_secret(token, "Token: ")
    with at_desk(folder) as desk:
        set_provider(desk.service, Provider(url.rstrip("/"), secret, person), act=desk.act)
        provider = provider_of(desk.service)
    ui.result(_data(provider, voice=_voice(folder)), _lines(provider, voice=_voice(folder)))


@app.command("show")
def show(ctx: typer.Context, folder: Dir) -> None:
    """Shows what the provider has to be told; never its token."""
    ui: Ui = ctx.obj
    with opened(Folder(folder)) as service:
        provider = provider_of(service)
    ui.result(_data(provider, voice=_voice(folder)), _lines(provider, voice=_voice(folder)))


@app.command("remove")
def remove(ctx: typer.Context, folder: Dir) -> None:
    """Ends the menu; a running service knows it after its next start."""
    ui: Ui = ctx.obj
    with at_desk(folder) as desk:
        remove_provider(desk.service, act=desk.act)
    ui.result({"url": None}, ["no provider calls the menu any more"])


@app.command("try")
def try_(ctx: typer.Context, folder: Dir) -> None:
    """Walks through the menu with the keyboard; what it confirms is confirmed."""
    ui: Ui = ctx.obj
    call = os.urandom(8).hex()
    with at_desk(folder) as desk:
        caller = Caller.of(desk.service, call, number="")
        said = answer(desk.service, caller, turn=None, keys="")
        while _tell(ui, said):
            keys = ui.ask("> ")
            if keys is None:
                break
            said = answer(desk.service, caller, turn=said.turn, keys=keys)
        hang_up(desk.service, caller)
    ui.result({"outcome": said.outcome, "turns": said.turn})


def _tell(ui: Ui, said: Answer) -> bool:
    """Shows what is said, a line for each language; gives whether keys are waited for."""
    for _, clips in groupby(said.says, key=lambda clip: clip.language):
        ui.talk(spoken(clips))
    return bool(said.wants)


def _voice(folder: Dir) -> str:
    return PROGRAM if Voice.found(Folder(folder).sounds) else "provider"


def _data(provider: Provider | None, *, voice: str) -> dict[str, str | None]:
    if provider is None:
        return {"url": None}
    return {
        "url": provider.url,
        "call": f"{provider.url}{PREFIX}call",
        "end": f"{provider.url}{PREFIX}end",
        "person": provider.person or None,
        "voice": voice,
    }


def _lines(provider: Provider | None, *, voice: str) -> list[str]:
    if provider is None:
        return ["no provider calls the menu: `volact service telephone set` names one"]
    spoken_by = (
        f"{PROGRAM} of this machine" if voice == PROGRAM else f"the provider; install {PROGRAM} for a voice here"
    )
    return [
        f"a call begins at  {provider.url}{PREFIX}call",
        f"and ends at       {provider.url}{PREFIX}end",
        f"a person is       {provider.person or 'told of by the number of the center'}",
        f"spoken by         {spoken_by}",
    ]
