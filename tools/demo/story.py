"""What happens, in order. Every figure that it gives was seen in this run."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from stage import Failed

from demo.parties import CLIENT, SERVER, STARTERS, Computer, Host, Publisher, computers

DAY = 86_400
Tell = Callable[[str], None]


class Story:
    """The demonstration from an empty folder to its summary."""

    def __init__(self, folder: Path, tell: Tell) -> None:
        self.folder, self._tell = folder, tell
        self.summary: dict[str, Any] = {}
        self.running: list[Computer] = []
        self.host: Host | None = None
        self.publisher: Publisher | None = None

    def run(self) -> None:
        """Tells the whole story; raises Failed where something differs from what must happen."""
        began = time.monotonic()
        publisher, licensing_id, host = self._parties()
        servers, clients = self._installed(publisher)
        self._servers(host, servers)
        self._clients(host, clients)
        self._everyone(host, servers + clients)
        self._mak(publisher, licensing_id)
        self._renewal(clients[0])
        self._clock(clients[1])
        self.summary["licensed"] = sum(each.status()["state"] == "licensed" for each in servers + clients)
        self.summary["host_count"] = host.count()
        self.summary["seconds"] = round(time.monotonic() - began, 1)

    def end(self, *, keep: bool) -> None:
        """Ends every process that the story started, except the servers with `keep`."""
        for computer in self.running:
            computer.end()
        for party in (self.host, self.publisher):
            if party and not keep:
                party.server.stop()

    def _parties(self) -> tuple[Publisher, str, Host]:
        publisher = self.publisher = Publisher(self.folder)
        licensing_id = publisher.sell("Nordlys Energi")
        self._tell(f"Fjordwerk Engineering sells to Nordlys Energi under {licensing_id}")
        key = publisher.issue(licensing_id, "--product", SERVER, "--kind", "host")["key"]
        host = self.host = Host(self.folder, publisher, key=key)
        self._tell(f"its activation host answers at {host.server.url}")
        return publisher, licensing_id, host

    def _installed(self, publisher: Publisher) -> tuple[list[Computer], list[Computer]]:
        names = [f"srv-{number:02}" for number in range(1, 6)], [f"ws-{number:02}" for number in range(1, 26)]
        servers = computers(self.folder, names[0], product=SERVER, publisher=publisher)
        clients = computers(self.folder, names[1], product=CLIENT, publisher=publisher)
        self.running += servers + clients
        self._tell(f"{len(servers)} servers and {len(clients)} clients run, each a process with a home of its own")
        return servers, clients

    def _servers(self, host: Host, servers: list[Computer]) -> None:
        counts = [self._asked(computer, host) for computer in servers]
        self.summary["servers"] = {
            "refused": [told for told in counts if told],
            "activated_as_computer": counts.index(None) + 1 if None in counts else None,
        }
        self._check(counts == [(count, 5) for count in range(1, 5)] + [None], f"servers were told {counts}")

    def _clients(self, host: Host, clients: list[Computer]) -> None:
        before = [self._asked(computer, host) for computer in clients[:10]]
        counted = host.count()
        host.server.kill()
        self._tell("the host is killed with SIGKILL")
        host.server.restart()
        after = host.count()
        self.summary["killed"] = {"count_before": counted, "count_after": after}
        self._check(after == counted, "the host lost its count")
        self._tell(f"and comes back with its count of {after}")
        counts = before + [self._asked(computer, host) for computer in clients[10:]]
        self.summary["clients"] = {
            "refused": [told for told in counts if told],
            "activated_as_computer": 5 + counts.index(None) + 1 if None in counts else None,
        }
        expected = [(count, 25) for count in range(6, 25)] + [None] * 6
        self._check(counts == expected, f"clients were told {counts}")

    def _everyone(self, host: Host, everyone: list[Computer]) -> None:
        with ThreadPoolExecutor(STARTERS) as pool:
            answers = pool.map(lambda computer: computer.ask("--host", host.server.url), everyone)
            refusals = [refusal for refusal in answers if refusal]
        self._check(not refusals, f"at the next try somebody was refused: {refusals}")
        self._tell(f"at their next try all {len(everyone)} are activated")

    def _mak(self, publisher: Publisher, licensing_id: str) -> None:
        issued = publisher.issue(licensing_id, "--product", CLIENT, "--kind", "mak", "--activations", "10")
        names = [f"field-{number:02}" for number in range(1, 12)]
        laptops = computers(self.folder, names, product=CLIENT, publisher=publisher)
        self.running += laptops
        refusals = []
        for laptop in laptops:
            laptop.client("install-key", issued["key"])
            refusals.append(laptop.ask("--service", publisher.server.url))
        record = publisher.show(issued["keyid"])
        last = refusals[-1] or {}
        self.summary["mak"] = {
            "activated": refusals.count(None),
            "used": record["used"],
            "remaining": record["remaining"],
            "refused_code": last.get("code"),
            "refused_fix": last.get("fix"),
        }
        self._check(refusals[:10] == [None] * 10 and last.get("code") == "mak_exhausted", f"the MAK gave {refusals}")
        self._tell(f"a MAK of 10 activates 10 computers; the 11th is told: {last.get('fix')}")

    def _renewal(self, computer: Computer) -> None:
        before = computer.status()["expires"]
        pause_until_next_second()
        self._check(computer.ask() is None, "a renewal was refused")
        after = computer.status()["expires"]
        self.summary["renewal"] = {"expires_before": before, "expires_after": after}
        self._check(after > before, "the renewed lease ends no later")
        self._tell(f"{computer.name} renews its lease")

    def _clock(self, computer: Computer) -> None:
        computer.order(ahead=200 * DAY)
        late = computer.status()
        computer.order(ahead=0)
        back = computer.status()
        self.summary["clock"] = {"ahead_200_days": [late["state"], late["reason"]], "set_back": back["state"]}
        self._check((late["state"], late["reason"]) == ("grace", "lease_expired"), f"ahead it was {late}")
        self._check(back["state"] == "licensed", f"set back it was {back}")
        self._tell(f"{computer.name} with its clock 200 days ahead is in grace, and licensed again when it is set back")

    def _asked(self, computer: Computer, host: Host) -> tuple[int, int] | None:
        refusal = computer.ask("--host", host.server.url)
        if refusal is None:
            self._tell(f"{computer.name:<8} ● licensed")
            return None
        self._check(refusal["code"] == "count_insufficient", f"{computer.name} was refused: {refusal}")
        self._check(computer.status()["state"] == "grace", f"{computer.name} is not in grace")
        self._tell(f"{computer.name:<8} ▲ grace      counted as {refusal['count']} of {refusal['threshold']}")
        return refusal["count"], refusal["threshold"]

    def _check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            raise Failed(otherwise)


def pause_until_next_second() -> None:
    """Lets the clock reach the next second, since leases are timed in seconds."""
    second = int(time.time())
    while int(time.time()) == second:
        time.sleep(0.05)
