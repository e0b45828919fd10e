"""The pages: time and SQL statements of each, with much on record, and what a first visit weighs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
from pageroutes import every_route
from stage import Failed, free_port, volact
from year import people

from bench.counted import HEADER
from bench.filling import fill
from volact.service.config import Folder
from volact.service.ledger import listing, recent
from volact.service.opening import opened
from volact.service.pages.scripts import shelf
from volact.service.ports import Act
from volact.service.roles import Role, may
from volact.service.usecases.customers import Terms, add_agreement, add_organization
from volact.service.usecases.keys import Order, issue
from volact.service.usecases.tallying import tally

CATALOG = Path(__file__).resolve().parents[2] / "catalogs" / "demo.toml"
ROWS, CUSTOMERS, AGREEMENTS, KEYS = 1_000_000, 10, 10, 100  # 10,000 keys, each with 100 activations
ROUNDS = 20
NAMES = tuple(dict.fromkeys(person.of for person in people.PEOPLE if person.of))
PASSWORD = "a password that is measured"
YEAR = 365 * 86_400
_ASSET = re.compile(r'(?:href|src)="(/assets/[^"]+)"')


def measure(
    folder: Path, *, rows: int = ROWS, keys: int = KEYS, rounds: int = ROUNDS, database: str | None = None
) -> dict[str, Any]:
    """Measures the part `portal` of the contract, by the administrator of one of ten organizations and by staff; on
    SQLite, or in the empty database of that URL."""
    service, more = folder / "service", () if database is None else ("--database", database)
    volact("service", "init", service, "--id", "bench.example", "--name", "Bench", "--catalog", CATALOG, *more)
    organizations = _sell(service, keys=keys)
    now = int(time.time())
    fill(service, rows, spared=set(), at=f"({now - YEAR} + i * {YEAR / rows})")
    _count(service)
    port = free_port()
    words = [sys.executable, "-m", "bench.counted", "service", "run", str(service), "--bind", f"127.0.0.1:{port}"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    try:
        return {
            "rows": rows,
            **_measured(service, f"http://127.0.0.1:{port}", organizations=organizations, rounds=rounds),
        }
    finally:
        process.terminate()
        process.wait(30)


def _count(folder: Path) -> None:
    """Counts for reports what was activated, as a service has done by itself after some minutes."""
    with opened(Folder(folder)) as service:
        while tally(service):
            pass


def _sell(folder: Path, *, keys: int) -> dict[str, str]:
    found = {}
    with opened(Folder(folder)) as service:
        act = Act("bench", service.clock.now())
        for number in range(CUSTOMERS):
            name = NAMES[number] if number < len(NAMES) else f"Customer {number}"
            found[name] = add_organization(service, name, parent=None, country="NO", act=act)
            for _ in range(AGREEMENTS):
                terms = Terms(program="corporate", level="D", licenses={"tracer-9": 10})
                licensing_id = add_agreement(service, found[name], terms=terms, act=act)
                order = Order(licensing_id=licensing_id, product="tracer-9", kind="mak", activations=500, count=keys)
                issue(service, order, act=act)
                issue(service, Order(licensing_id=licensing_id, product="tracer-9", kind="host"), act=act)
    return found


def _measured(folder: Path, url: str, *, organizations: dict[str, str], rounds: int) -> dict[str, Any]:
    _wait(url)
    apps = people.join(folder, url, organizations=organizations, password=PASSWORD)
    p95, statements, weights = {}, {}, {}
    routes = every_route(folder)
    for role in (Role.ADMINISTRATOR, Role.PUBLISHER):
        person = next(each for each in people.PEOPLE if each.role is role)
        with closing(people.sign_in(url, person, password=PASSWORD, app=apps[person.email])) as browser:
            for route in routes:
                if not route.is_whole or route.is_customers != bool(person.of) or not may(role, route.right):
                    continue
                name = route.pattern.replace("<str:organization_id>/", "").strip("/")
                address = route.at(organizations.get(person.of, ""))
                p95[name], statements[name], page = _asked(browser, address, rounds=rounds)
                weights[name] = _weight(browser, page)
            for name, address in _further(folder, browser, organization_id=organizations.get(person.of, "")).items():
                p95[name], statements[name], _ = _asked(browser, address, rounds=rounds)
    p95["sign in"] = _signed_in(url, people.PEOPLE[0])
    return {"p95_ms": p95, "statements": statements, "first_visit_kb": weights}


def _further(folder: Path, browser: httpx.Client, *, organization_id: str) -> dict[str, str]:
    """Pages that show more by what their address says: one key, one agreement; what is sought and found; a case."""
    licensing_id, keyid, computer = _one(folder, organization_id)
    if organization_id:
        portal = f"/portal/{organization_id}"
        return {
            "portal/key": f"{portal}/keys/{keyid}/",
            "portal/agreement": f"{portal}/agreements/{licensing_id}/",
            "requests/new raise": f"{portal}/requests/new/?kind=raise",
            "activations q": f"{portal}/activations/?q={computer}",
            "activations returned": f"{portal}/activations/?state=returned",
            "reports.pdf": f"{portal}/reports/pdf",
            "reports.xlsx": f"{portal}/reports/xlsx",
            **{f"account/{name}": f"/account/{name}/" for name in ("settings", "2fa", "sessions", "password/change")},
        }
    found = re.search(r"/center/cases/C-[0-9-]+/", browser.get("/center/").text)
    assert found is not None
    case = {f"center/case {act}": f"{found[0]}?act={act}" for act in ("confirm", "raise", "give", "block")}
    return {
        "center/find q": "/center/find/?q=nordlys",
        **case,
        **{f"office/agreement{more}": f"/office/agreements/{licensing_id}{more}/" for more in ("", "/issue", "/media")},
        **{f"office/key{more}": f"/office/keys/{keyid}{more}/" for more in ("", "/activations", "/block")},
        "office/entry": "/office/record/12/",
    }


def _one(folder: Path, organization_id: str) -> tuple[str, str, str]:
    """An agreement of an organization (else of any), a key of it, and a computer that is activated with the key."""
    with opened(Folder(folder)) as service:
        owner = organization_id or listing.customers_named(service.ledger, "", after="", limit=1)[0].row.organization_id
        licensing_id = listing.agreements(service.ledger, owner, limit=1)[0].licensing_id
        sought = recent.Sought(seen=(licensing_id,))
        newest = recent.activations(service.ledger, sought, after=None, limit=1)[0]
        return licensing_id, newest.keyid, newest.dev


def _signed_in(url: str, person: people.Person) -> float:
    """What a right password takes, in ms: its hash is slow on purpose."""
    took = []
    for _ in range(10):
        with httpx.Client(base_url=url, headers={"Origin": url, "Referer": url}) as browser:
            marks = people.marks(browser.get("/account/login/"))
            began = time.perf_counter()
            answer = browser.post("/account/login/", data={**marks, "login": person.email, "password": PASSWORD})
            took.append((time.perf_counter() - began) * 1000)
            if answer.status_code != 302:
                raise Failed(f"the password was not taken: {answer.status_code}")
    return round(max(took), 1)


def _asked(browser: httpx.Client, address: str, *, rounds: int) -> tuple[float, int, httpx.Response]:
    took, page = [], browser.get(address)
    page.raise_for_status()
    for _ in range(rounds):
        began = time.perf_counter()
        browser.get(address)
        took.append((time.perf_counter() - began) * 1000)
    return round(sorted(took)[int(0.95 * (rounds - 1))], 1), int(page.headers[HEADER]), page


def _weight(browser: httpx.Client, page: httpx.Response) -> float:
    """What a browser that has nothing yet takes for a page, in kB: the page, its styles and scripts, the font."""
    total = len(page.content)
    for address in [*set(_ASSET.findall(page.text)), shelf().linked("inter.woff2")]:
        with browser.stream("GET", address, headers={"accept-encoding": "gzip"}) as asset:
            total += sum(len(part) for part in asset.iter_raw())
    return round(total / 1000, 1)


def _wait(url: str) -> None:
    pause, until = threading.Event(), time.monotonic() + 60
    while time.monotonic() < until:
        try:
            httpx.get(f"{url}/healthz", timeout=1)
        except httpx.HTTPError:
            pause.wait(0.05)
        else:
            return
    raise Failed("the service did not start")
