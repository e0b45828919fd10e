"""What a service shows the network: management API, pages and telephone menu beside the device API's door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from volact.service.app import NONE, App
from volact.service.config import Folder
from volact.service.devices.uploads import Uploads
from volact.service.management.limits import limits
from volact.service.management.mount import PREFIX, Mount
from volact.service.management.office import Office
from volact.service.opening import opened
from volact.service.pages.mailing import Mail
from volact.service.pages.mount import Pages, paged
from volact.service.telephone import provider
from volact.service.telephone.door import Menu
from volact.service.telephone.voice import Voice
from volact.service.usecases.telephoneprovider import provider_of
from volact.service.webhooks.targets import Allowed
from volact.serving.asgi import Door, Receive, Scope, Send

Application = Callable[[Scope, Receive, Send], Awaitable[None]]
PER_MINUTE = 600  # requests of one token


@dataclass(frozen=True, slots=True)
class Front:
    """An ASGI application: operations of the management API by the mount, pages by theirs, the telephone menu by a door
    of its own where a provider was set, all else by the device API's."""

    app: App
    mount: Mount
    pages: Pages | None = None
    telephone: Door | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one connection."""
        await self._answers(scope)(scope, receive, send)

    def _answers(self, scope: Scope) -> Application:
        if scope["type"] != "http":
            return self.app.door
        if scope["path"].startswith(PREFIX):
            return self.mount
        if self.telephone and scope["path"].startswith(provider.PREFIX):
            return self.telephone
        return self.pages if self.pages and self.pages.takes(scope["path"]) else self.app.door


@contextmanager
def fronted(
    app: App,
    folder: Folder,
    *,
    per_minute: int = PER_MINUTE,
    mail: Mail | None = None,
    sign_on: Allowed = NONE,
    backups: Path | None = None,
) -> Iterator[Front]:
    """The front of a service in a folder, with connections of its own; raises what `opened` raises.

    With `mail` it has pages, which one service in a process can have. `sign_on` are the servers of a single sign-on
    beside public https, `backups` is where its pages may make backups.
    """
    with opened(folder, app.writer.clock) as clerk, ExitStack() as stack:
        office = Office(
            clerk=clerk,
            writer=app.writer,
            commit=app.commit,
            callers=app.api.callers,
            limits=limits(per_minute),
            uploads=Uploads(app, folder.path),
        )
        with closing(office):
            mount, found = Mount(office, app.api.telemetry), provider_of(clerk)
            pages = None
            if mail:
                pages = stack.enter_context(paged(app, folder, mail=mail, allowed=sign_on, backups=backups))
            yield Front(app, mount, pages, Menu(app, found, Voice.found(folder.sounds)).door if found else None)
