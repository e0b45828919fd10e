"""scripts/serve [--fresh] [--bind HOST:PORT]: the publisher's service with its pages, on a year of made-up data."""

from __future__ import annotations

import json
import secrets
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

from stage import Server

from year import people, record

FOLDER = Path("build/serve")


def main(words: list[str]) -> int:
    """Makes the year where it is not there, or older than a day, and serves it until Ctrl-C."""
    if unknown := [word for word in words if word != "--fresh"]:
        sys.stderr.write(f"error: unknown {' '.join(unknown)}\nhint:  scripts/serve [--fresh]\n")
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the service ends with it, however it is told to end
    said = FOLDER / "people.json"
    if "--fresh" in words or not said.exists() or time.time() - said.stat().st_mtime > record.DAY:
        _make(said)
    known = json.loads(said.read_text("utf-8"))
    server = Server("service", "run", FOLDER / "service")
    try:
        _tell(server.url, known)
        _show_codes(known["secrets"])
    except KeyboardInterrupt:
        sys.stderr.write("\n")
    finally:
        server.stop()
    return 0


def _make(said: Path) -> None:
    sys.stderr.write("Making a year of data: 3 organizations, 12 agreements, 60 keys, 40,000 activations ...\n")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    organizations = record.make(FOLDER / "service", today=int(time.time()))
    password = secrets.token_urlsafe(12)
    server = Server("service", "run", FOLDER / "service")
    try:
        apps = people.join(FOLDER / "service", server.url, organizations=organizations, password=password)
    finally:
        server.stop()
    said.touch(mode=0o600)
    said.write_text(json.dumps({"password": password, "secrets": apps}), "utf-8")


def _tell(url: str, known: dict[str, str]) -> None:
    lines = [
        f"{url}   (Ctrl-C ends it; made-up people, made-up data)",
        "",
        f"  password of everybody  {known['password']}",
    ]
    for person in people.PEOPLE:
        lines.append(f"  {person.email:<26} {person.name:<15} {person.role.value.replace('_', ' '):<24} {person.of}")
    sys.stdout.write("\n".join(lines) + "\n\n")
    sys.stdout.flush()


def _show_codes(secrets_of: dict[str, str]) -> None:
    """The code of everybody's authenticator app, as it changes; on a terminal alone."""
    pause = threading.Event()
    while not pause.wait(1):
        if sys.stdout.isatty():
            shown = "  ".join(
                f"{who.partition('@')[0]} {people.code(app, time.time())}" for who, app in secrets_of.items()
            )
            sys.stdout.write(f"\r  second factor  {shown}")
            sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
