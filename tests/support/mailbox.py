"""A real mail server on loopback, with TLS and a login, that keeps what arrives.

with Mailbox.open((user, password), tls) as mailbox, place.running("--mail", mailbox.url) as running:
    letter = mailbox.letter(to="kari@example.org")
"""

from __future__ import annotations

import asyncio
import queue
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

LINK = re.compile(r"https?://[^\s]+")


@dataclass(slots=True)
class Mailbox:
    """What arrived, in its order."""

    login: tuple[str, str]
    url: str = ""
    _arrived: queue.Queue[tuple[list[str], EmailMessage]] = field(default_factory=queue.Queue)

    @classmethod
    @contextmanager
    def open(cls, login: tuple[str, str], tls: ssl.SSLContext) -> Iterator[Mailbox]:
        """A server on a free port, which takes mail from that user alone, after STARTTLS."""
        box = cls(login)
        with _loop() as loop:
            server = asyncio.run_coroutine_threadsafe(box._serve(loop, tls), loop).result()
            box.url = f"smtp://{login[0]}@127.0.0.1:{server.sockets[0].getsockname()[1]}?starttls"
            yield box
            loop.call_soon_threadsafe(server.close)

    async def _serve(self, loop: asyncio.AbstractEventLoop, tls: ssl.SSLContext) -> asyncio.Server:
        proof = {"authenticator": self.knows, "auth_required": True, "tls_context": tls, "require_starttls": True}
        return await loop.create_server(lambda: SMTP(self, loop=loop, **proof), "127.0.0.1", 0)

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802 - of aiosmtpd
        """Takes one message."""
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        self._arrived.put((list(envelope.rcpt_tos), message))
        return "250 taken"

    def knows(  # signature of aiosmtpd
        self, server: Any, session: Any, envelope: Any, mechanism: str, told: Any
    ) -> AuthResult:
        """Whether that is the user with the password."""
        known = isinstance(told, LoginPassword) and (told.login.decode(), told.password.decode()) == self.login
        return AuthResult(success=known)

    def letter(self, *, to: str) -> Letter:
        """The next message, which is to that address alone."""
        recipients, message = self._arrived.get(timeout=20)
        assert recipients == [to]
        body = message.get_body(("plain",))
        assert body is not None
        return Letter(str(message["Subject"]), str(message["From"]), body.get_content())

    @property
    def is_empty(self) -> bool:
        """Whether everything that arrived was looked at."""
        return self._arrived.empty()


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as a person reads it."""

    subject: str
    sender: str
    text: str

    @property
    def link(self) -> str:
        """The address that it leads to."""
        (found,) = LINK.findall(self.text)
        return str(found)


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
