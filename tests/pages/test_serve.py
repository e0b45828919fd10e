"""`scripts/serve`, as somebody starts it who wants to look around."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
from year.people import PEOPLE

from tests.support.commands import hears_ctrl_c

ROOT = Path(__file__).resolve().parents[2]


def test_the_year_is_served_until_it_is_stopped(tmp_path: Path) -> None:
    """It says where the pages are and who can sign in with which password, answers there, and Ctrl-C ends it."""
    words, env = [sys.executable, "-m", "year"], {**os.environ, "PYTHONPATH": str(ROOT / "tools")}
    with subprocess.Popen(
        words, cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True, preexec_fn=hears_ctrl_c
    ) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            url = next(lines).split()[0]
            said = next(line for line in lines if "password" in line)
            password = re.split(r"\s+", said.strip())[-1]
            named = [next(lines) for _ in PEOPLE]
            assert all(person.email in line for person, line in zip(PEOPLE, named, strict=True))
            origin = {"Origin": url, "Referer": url}
            with httpx.Client(base_url=url, follow_redirects=True, headers=origin) as browser:
                form = browser.get("/").text
                mark = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
                assert mark, form
                sent = {"csrfmiddlewaretoken": mark[1], "login": PEOPLE[0].email, "password": password}
                assert browser.post("/account/login/", data=sent).url.path == "/account/2fa/authenticate/"
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            process.terminate()
    secret = tmp_path / "build" / "serve" / "people.json"
    assert secret.stat().st_mode & 0o077 == 0
