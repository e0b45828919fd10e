"""The SDK's face: what it costs, and that it never raises."""

import subprocess
import sys
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import volact

HEAVY = ("httpx", "typer", "rich", "sqlite3", "nacl", "uvicorn", "asyncio", "ssl")


def run(script):
    """What a fresh interpreter says to a script."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def test_the_import_brings_nothing_heavy():
    """The import of `volact` brings no network library, command line, server or database, nor does `check`."""
    script = (
        "import sys, volact; volact.check('a', pin='b', home='/nonexistent')\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    assert run(script) == "[]"


def test_the_import_takes_little_time():
    """The import of `volact` takes less than 80 ms."""
    script = "import time; start = time.perf_counter(); import volact; print((time.perf_counter() - start) * 1000)"
    assert min(float(run(script)) for _ in range(3)) < 80


def test_a_later_check_takes_little_time(estate):
    """A later `check` in one process takes less than 3 ms."""
    pc = estate.computer("tracer-9")
    pc.run("activate", "--host", estate.host)
    assert volact.check("tracer-9", pin=estate.pin, home=pc.home).state is volact.State.LICENSED
    start = time.perf_counter()
    for _ in range(20):
        volact.check("tracer-9", pin=estate.pin, home=pc.home)
    assert (time.perf_counter() - start) / 20 < 0.003


def test_a_check_sees_what_changed(estate):
    """A `check` in a running process sees a license that came, and one that went."""
    pc = estate.computer("tracer-9")
    assert volact.check("tracer-9", pin=estate.pin, home=pc.home).state is volact.State.GRACE
    pc.run("activate", "--host", estate.host)
    assert volact.check("tracer-9", pin=estate.pin, home=pc.home).state is volact.State.LICENSED
    (pc.home / "products/tracer-9/lease").write_bytes(b"spoiled")
    assert volact.check("tracer-9", pin=estate.pin, home=pc.home).reason is volact.Reason.STATE_DAMAGED


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(product=st.text(), pin=st.text(), home=st.text())
def test_check_never_raises(product, pin, home):
    """Whatever it is called with, `check` answers with a status and raises nothing."""
    assert isinstance(volact.check(product, pin=pin, home=home), volact.Status)


@pytest.mark.parametrize("name", volact.__all__)
def test_every_name_of_the_face_is_there(name):
    """Every name that the SDK's face promises can be used."""
    assert getattr(volact, name) is not None


def test_a_name_that_is_not_there():
    """A name that the face does not promise is an AttributeError, as for every module."""
    with pytest.raises(AttributeError):
        _ = volact.nonsense
