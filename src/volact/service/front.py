"""What a service shows the network: the management API's mount beside the device API's door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from volact.service.app import App
from volact.service.config import Folder
from volact.service.management.limits import limits
from volact.service.management.mount import PREFIX, Mount
from volact.service.management.office import Office
from volact.service.opening import opened
from volact.serving.asgi import Receive, Scope, Send

PER_MINUTE = 600  # requests of one token


@dataclass(frozen=True, slots=True)
class Front:
    """An ASGI application: the management API's operations by the mount, everything else by the door."""

    app: App
    mount: Mount

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one connection."""
        managed = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        await (self.mount if managed else self.app.door)(scope, receive, send)


@contextmanager
def fronted(app: App, folder: Folder, *, per_minute: int = PER_MINUTE) -> Iterator[Front]:
    """The front of a service in a folder, with one more connection of its own; raises what `opened` raises."""
    with opened(folder, app.writer.clock) as clerk:
        office = Office(
            clerk=clerk,
            writer=app.writer,
            commit=app.commit,
            callers=app.api.callers,
            limits=limits(per_minute),
        )
        with closing(office):
            yield Front(app, Mount(office, app.api.telemetry))
