"""Running: a port that is taken, a bind that makes no sense, a TLS file that is none, an end on SIGTERM."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from volact.errors import Refused
from volact.serving.asgi import Door
from volact.serving.run import Tls, serve, split_bind

PROGRAM = """
import sys
from volact.serving.asgi import Door
from volact.serving.run import serve
serve(Door({}, report=print), bind="127.0.0.1:0", tls=None, ready=lambda url: print(url, flush=True))
print("ended", flush=True)
"""


def _serve(bind: str, *, tls: Tls | None = None) -> str:
    with pytest.raises(Refused) as caught:
        serve(Door({}, report=lambda _, __: None), bind=bind, tls=tls, ready=lambda _: None)
    return caught.value.code


def test_a_taken_port_is_named() -> None:
    """A port that another program has is refused with `port_in_use`."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert _serve(f"127.0.0.1:{other.getsockname()[1]}") == "port_in_use"


@pytest.mark.parametrize(
    "bind", ["8470", ":8470", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:x", "203.0.113.7:8470", "\udcff:1"]
)
def test_a_bind_that_cannot_be_is_wrong_usage(bind: str) -> None:
    """An address that is not HOST:PORT, or not this machine's, is wrong usage."""
    assert _serve(bind) == "usage"


def test_ipv6_is_written_in_brackets() -> None:
    """An IPv6 address stands in brackets before its port."""
    assert split_bind("[::1]:8470") == ("::1", 8470)


def test_a_tls_file_that_is_none_is_wrong_usage(tmp_path: Path) -> None:
    """A certificate file that holds no certificate is wrong usage, before anything is served."""
    (tmp_path / "x.pem").write_text("none")
    assert _serve("127.0.0.1:0", tls=Tls(tmp_path / "x.pem", tmp_path / "x.pem")) == "usage"


def test_sigterm_ends_a_program_with_exit_code_0() -> None:
    """A program answers once it says its URL, and ends by itself on SIGTERM."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "ended\n"
        assert process.wait(20) == 0
