"""`volact doctor`: the checks that an administrator would make, in order; names one fault and its fix."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from volact.cli.ui import Ui
from volact.client import overview
from volact.client.computer import Computer
from volact.client.home import Home, default_home
from volact.client.installation import normal_url
from volact.client.records import UNDRAWN, Host, Identity
from volact.client.requests import check_declared, check_same_computer
from volact.client.status import Reason
from volact.errors import CODES, Refusal, Refused, VolactError
from volact.protocol.flows import Send

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what it looks at, and how."""

    name: str
    look: Callable[[], str]


@app.command()
def doctor(
    ctx: typer.Context,
    home: Path | None = typer.Option(None, "--home", help="The computer's folder; else the machine's, or the user's."),
    host: str | None = typer.Option(None, "--host", help="Also ask this activation host."),
) -> None:
    """Every check an administrator would make; names one fault and its fix."""
    ui: Ui = ctx.obj
    computer = Computer(Home(home.absolute() if home else default_home()))
    passed: list[dict[str, str]] = []
    for check in _checks(computer, host=host):
        try:
            passed.append({"check": check.name, "found": check.look()})
        except VolactError as err:
            detail = f"{check.name}: {err.detail}"
            raise Refused(Refusal(err.code, detail, {**err.fields, "check": check.name, "passed": passed})) from err
    lines = [f"● {each['check']}: {each['found']}" for each in passed]
    ui.result({"passed": passed}, [*lines, "", "No fault was found."])


def _checks(computer: Computer, *, host: str | None) -> Iterator[Check]:
    yield Check("home", lambda: f"{computer.home.path} belongs to {computer.home.publisher().publisher}")
    yield Check("publisher's documents", lambda: _documents(computer))
    yield Check("identity", lambda: _identity(computer))
    yield Check("secrets", lambda: _secrets(computer))
    yield Check("files of the products", lambda: _products(computer))
    kept = computer.home.load_whole(Host)
    url = host or (kept.url if kept else None)
    if url is not None:
        yield Check("activation host", lambda: _host(computer, url))


def _documents(computer: Computer) -> str:
    trust = computer.home.trust()
    late = trust.expired(computer.clock())
    versions = trust.versions
    found = f"root {versions.root}, catalog {versions.catalog}, revocation list {versions.revocations}"
    return f"{found}; out of date: {', '.join(late)}" if late else found


def _identity(computer: Computer) -> str:
    trust, identity = computer.home.trust(), computer.home.load(Identity) or Identity()
    check_declared(trust.catalog.policy, identity)
    if identity.random == UNDRAWN:
        return "generalized; drawn at its first use"
    check_same_computer(computer, trust.publisher)
    return f"declared in {identity.path}" if identity.path else "this machine's own"


def _secrets(computer: Computer) -> str:
    if computer.vault.device() is None:
        return "no device key yet"
    mode = (computer.home.path / "device.key").stat().st_mode & 0o777
    if mode & 0o077:
        raise VolactError(f"device.key has rights {mode:o}; others may read it", code="secret_exposed")
    return "the device key is whole, and its owner alone reads it"


def _products(computer: Computer) -> str:
    views = overview.status(computer)
    for view in views:
        if view.status.reason is not None and view.status.reason in (Reason.STATE_DAMAGED, Reason.HARDWARE_CHANGED):
            raise VolactError(
                f"{view.name}: {view.known.damaged or CODES[view.status.reason].cause}", code=view.status.reason
            )
    return ", ".join(f"{view.name} {view.status.state}" for view in views) or "none is installed"


def _host(computer: Computer, url: str) -> str:
    reply = computer.connect(normal_url(url), "host").send(Send("GET", "/.well-known/volact"))
    try:
        publisher = json.loads(reply.body)["publisher"]
    except (ValueError, KeyError, TypeError) as err:
        raise VolactError(f"{url} does not answer as an activation host", code="answer_untrusted") from err
    expected = computer.home.publisher().publisher
    if publisher != expected:
        raise VolactError(f"{url} serves {publisher}, not {expected}", code="answer_untrusted")
    return f"{url} answers for {publisher}"
