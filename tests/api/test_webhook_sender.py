"""One delivery to a real receiver: taken, refused, slow, without an end, elsewhere, or with a wrong certificate."""

from __future__ import annotations

import asyncio
import resource
import threading
import time
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.api.test_files import certificate
from tests.support.receiver import Receiver, closed_port, drops, flood, receiving, silence, status
from volact.service.webhooks.sender import DEADLINE, Resolve, Sender
from volact.service.webhooks.targets import Address, Allowed, read_target

BODY = b'{"type":"ping"}'
Came = tuple[int | None, str | None]


class Names:
    """Names as a test says them; each look-up is counted, and the answers are given in turn, the last one for ever."""

    def __init__(self, *answers: str | OSError) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int, /) -> Sequence[Address]:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, OSError):
            raise answer
        return [ip_address(text) for text in answer.split()]


def sent(url: str, *, allow: str = "", resolve: Resolve | None = None) -> Came:
    """What one delivery comes to; it ends in time, whatever the receiver does."""
    sender = Sender(Allowed.read([allow] if allow else []), resolve)

    async def send() -> Came:
        async with asyncio.timeout(3 * DEADLINE):
            return await sender.send(read_target(url), {"webhook-id": "evt_1"}, body=BODY)

    return asyncio.run(send())


def sent_to(receiver: Receiver) -> Came:
    """What a delivery to an allowed receiver comes to."""
    return sent(receiver.url, allow=receiver.place)


def test_a_receiver_that_takes_it() -> None:
    """A status from 200 to 299 says that a delivery was taken; it is one POST of the body, with its headers."""
    for number in (200, 202, 204, 299):
        with receiving(status(number)) as receiver:
            assert sent_to(receiver) == (number, None)
        (hook,) = receiver.hooks
        assert (hook.path, hook.body, hook.headers["webhook-id"]) == ("/hook", BODY, "evt_1")
        assert hook.headers["host"] == receiver.place
        assert hook.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("number", "error"),
    [(300, "redirect"), (304, "redirect"), (400, "status"), (404, "status"), (410, "gone"), (500, "status")],
)
def test_a_receiver_that_does_not_take_it(number: int, error: str) -> None:
    """Any other status says that it was not taken."""
    with receiving(status(number)) as receiver:
        assert sent_to(receiver) == (number, error)


def test_a_redirect_is_not_followed() -> None:
    """A receiver that points elsewhere is not followed, be it within or without."""
    with receiving() as internal:
        for number in (301, 302, 303, 307, 308):
            with receiving(status(number, location=internal.url)) as receiver:
                assert sent(receiver.url, allow="127.0.0.1/32") == (number, "redirect")
        assert internal.connections == 0


@pytest.mark.parametrize(
    "answer",
    [
        silence,
        drops(header=True),
        flood(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1_000),
        flood(b"HTTP/1.1 200 OK\r\nx: "),
        flood(b""),
    ],
    ids=["silence", "slow headers", "many statuses", "endless header", "endless line"],
)
def test_a_receiver_without_an_end_is_left_in_time(answer: object) -> None:
    """A receiver that never answers, or whose headers have no end, has failed after 5 seconds and costs no memory."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with receiving(answer) as receiver:  # type: ignore[arg-type]
        began = time.monotonic()
        got, error = sent_to(receiver)
        assert got is None
        assert error in ("timeout", "unreachable")
        assert time.monotonic() - began < 3 * DEADLINE
    assert receiver.written < 64 * 1024 * 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # KiB


@pytest.mark.parametrize(
    "answer",
    [
        flood(b"HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n"),
        flood(b"HTTP/1.1 200 OK\r\n\r\n"),
        drops(header=False),
    ],
    ids=["ten gigabytes", "no length", "slow body"],
)
def test_an_answer_of_ten_gigabytes_is_not_read(answer: object) -> None:
    """A status ends a try: of an answer of 10 GB no more is taken than came with its headers."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with receiving(answer) as receiver:  # type: ignore[arg-type]
        assert sent_to(receiver) == (200, None)
    assert receiver.written < 64 * 1024 * 1024  # what kernels keep between two sockets
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_a_receiver_that_is_not_there() -> None:
    """A port on which nobody listens is unreachable, and a name that there is not unresolved."""
    with closed_port() as port:
        assert sent(f"http://127.0.0.1:{port}/", allow="127.0.0.0/8") == (None, "unreachable")
    assert sent("https://hooks.invalid/") == (None, "unresolved")
    assert sent("https://hooks.example.com/", resolve=Names(OSError("no answer"))) == (None, "unreachable")
    assert sent("https://hooks.example.com/", resolve=Names("")) == (None, "unreachable")


def test_an_internal_receiver_is_not_connected_to() -> None:
    """Without an operator's word nobody connects to an internal address, whatever name leads there."""
    with receiving() as receiver:
        port = receiver.place.rpartition(":")[2]
        assert sent(receiver.url) == (None, "refused_target")
        assert sent(f"http://localhost:{port}/") == (None, "refused_target")
        for addresses in ("127.0.0.1", "::ffff:127.0.0.1", "93.184.215.14 127.0.0.1", "169.254.169.254"):
            assert sent("https://hooks.example.com/", resolve=Names(addresses)) == (None, "refused_target")
        assert sent(f"http://127.0.0.1:{port}/", allow="127.0.0.1:1") == (None, "refused_target")
        assert receiver.connections == 0


def test_the_address_that_was_judged_is_the_one_connected_to() -> None:
    """A name is looked up once a try: one that leads elsewhere a moment later leads nobody there."""
    with receiving() as receiver, receiving() as internal:
        port, other = (each.place.rpartition(":")[2] for each in (receiver, internal))
        names = Names("127.0.0.1", "127.0.0.2")
        url = f"http://hooks.example.com:{port}/"
        assert sent(url, allow="127.0.0.1/32", resolve=names) == (204, None)
        assert names.asked == 1
        assert sent(url, allow="127.0.0.1/32", resolve=names) == (None, "refused_target")
        assert (len(receiver.hooks), receiver.hooks[0].headers["host"]) == (1, f"hooks.example.com:{port}")
        assert other != port
        assert internal.connections == 0


def test_a_dead_address_leaves_time_for_the_next() -> None:
    """Of several addresses the next one is tried where one does not answer."""
    with receiving() as receiver:
        port = receiver.place.rpartition(":")[2]
        names = Names("127.0.0.9 127.0.0.1")
        assert sent(f"http://hooks.example.com:{port}/", allow="127.0.0.0/8", resolve=names) == (204, None)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment gets no delivery: it would connect to what nobody judged."""
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{proxy.place}")
        assert sent_to(receiver) == (204, None)
        assert proxy.connections == 0


def test_a_certificate_is_the_host_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A receiver with TLS shows a certificate of the URL's host that somebody known has signed."""
    tls = certificate(tmp_path)  # of 127.0.0.1
    with receiving(tls=tls) as receiver:
        port = receiver.place.rpartition(":")[2]
        assert sent_to(receiver) == (None, "tls")
        monkeypatch.setenv("SSL_CERT_FILE", str(tls[0]))
        assert sent_to(receiver) == (204, None)
        names = Names("127.0.0.1")
        url = f"https://hooks.example.com:{port}/"
        assert sent(url, allow="127.0.0.1/32", resolve=names) == (None, "tls")
        assert sent(receiver.url.replace("https", "http"), allow="127.0.0.1/32")[1] == "unreachable"
        assert len(receiver.hooks) == 1


def test_a_handshake_that_never_ends_is_left_in_time() -> None:
    """A receiver that takes the connection and begins no TLS has failed after 5 seconds."""
    with receiving(silence) as receiver:
        url = receiver.url.replace("http:", "https:")
        began = time.monotonic()
        assert sent(url, allow=receiver.place)[1] in ("timeout", "tls", "unreachable")
        assert time.monotonic() - began < 3 * DEADLINE


def test_slow_receivers_do_not_wait_for_one_another() -> None:
    """Forty receivers that never answer take the time of one, side by side, and no thread each."""
    with receiving(silence) as receiver:
        sender = Sender(Allowed.read([receiver.place]))

        async def all_at_once() -> list[Came]:
            target = read_target(receiver.url)
            return await asyncio.gather(*(sender.send(target, {}, body=BODY) for _ in range(40)))

        threads, began = threading.active_count(), time.monotonic()
        assert asyncio.run(all_at_once()) == [(None, "timeout")] * 40
        assert time.monotonic() - began < 3 * DEADLINE
        assert threading.active_count() - threads <= 41  # the receiver's own
