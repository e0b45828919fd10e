"""What every verb of the service needs: its folder, who is acting, and when."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from volact.errors import Refusal, Refused
from volact.service.clock import SigningClock
from volact.service.config import Folder
from volact.service.opening import opened
from volact.service.ports import Act, Service
from volact.service.usecases.retiring import settle
from volact.service.usecases.sequencing import sequenced

Dir = Annotated[Path, typer.Argument(metavar="DIR", help="The service's folder.", show_default=False)]
File = Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, show_default=False)]
KeyId = Annotated[str, typer.Argument(metavar="KEYID", help="The key's id, not the key.", show_default=False)]


@dataclass(frozen=True, slots=True)
class Desk:
    """An opened service, and the act that is about to be recorded."""

    service: Service
    act: Act


@contextmanager
def at_desk(folder: Path) -> Iterator[Desk]:
    """Opens the service in a folder for one verb; what is due to come back to keys comes back first.

    What the verb has recorded is in the log when it leaves.
    """
    clock = SigningClock()
    with opened(Folder(folder), clock) as service, sequenced(service):
        settle(service)
        yield Desk(service, Act(by_whom(), clock.now()))


def id_of(text: str) -> str:
    """An id as it is on record, however it was typed."""
    return text.strip().upper()


def by_whom() -> str:
    """The user of the operating system who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def passphrase_of(path: Path | None) -> str | None:
    """The passphrase in a file, without its line's end; None where no file is given."""
    if path is None:
        return None
    text = path.read_text(errors="replace").strip("\r\n")
    if not text:
        raise Refused(Refusal("usage", f"{path} holds no passphrase"))
    return text
