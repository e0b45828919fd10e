"""A publisher of one of the worlds, worked by the command line: its service's folder, customers, keys, and computers.

bench.run("key", "show", "DIR", keyid)               `volact service` on the folder -> Said(code, out, err)
licensing_id = bench.agreement(program, licenses={product: 3})
pc = bench.computer(product, channel="retail")       a home with a declared identity
pc.run("activate", "--service", bench.url)           `volact service run`, started when it is first needed
with bench.later(31) as url: ...                     a copy of the service, run so many days later
"""

from __future__ import annotations

import contextlib
import datetime
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from tests.faq.forks import forked
from tests.faq.worlds import World
from tests.support.commands import Said, declare, shifted
from tests.support.hosts import HostPlace, code
from tests.support.service import Key, Running, read, start


@dataclass(slots=True, kw_only=True)
class Media:
    """What a customer gets with a product: the publisher file, the grant, and the sleeve with the key."""

    folder: Path
    product: str

    @property
    def grant(self) -> Path:
        """The signed grant."""
        return self.folder / f"{self.product}.grant"

    @property
    def publisher_file(self) -> Path:
        """What the product starts from."""
        return self.folder / "publisher.volact"


@dataclass(slots=True, kw_only=True)
class Pc:
    """One computer's home and the command that works on it."""

    home: Path
    identity: Path

    def run(self, *words: object, shift: str | None = None, text: str = "") -> Said:
        """Runs `volact client` on the home."""
        return forked("client", "--home", self.home, *words, shift=shift, text=text)

    def status(self, shift: str | None = None) -> dict[str, Any]:
        """The only product's row of `status`."""
        return self.run("status", shift=shift).product


@dataclass
class Bench:
    """One publisher; `folder` holds all that belongs to it."""

    world: World
    folder: Path
    numbers: list[str] = field(default_factory=list)
    running: list[Running] = field(default_factory=list)

    @property
    def service(self) -> Path:
        """The service's folder."""
        return self.folder / "service"

    @cached_property
    def url(self) -> str:
        """Where the service answers; started when it is first asked for."""
        self.running.append(start(self.service))
        return self.running[0].url

    @cached_property
    def publisher_file(self) -> Path:
        """The file that computers and hosts start from."""
        file = self.folder / "publisher.volact"
        assert self.run("publisher-file", "DIR", file).code == 0
        return file

    def close(self) -> None:
        """Ends what runs."""
        for each in self.running:
            each.stop()

    def run(self, *words: object, **more: Any) -> Said:
        """Runs `volact service`; the word DIR stands for the folder."""
        return forked("service", *(self.service if word == "DIR" else word for word in words), **more)

    def done(self, *words: object, **more: Any) -> dict[str, Any]:
        """The same where it has to succeed: its data."""
        said = self.run(*words, **more)
        assert said.code == 0, said
        return said.data

    def fresh(self, name: str) -> str:
        """A name that was not used before on this bench."""
        self.numbers.append(name)
        return f"{name}-{len(self.numbers)}"

    # Customers and keys.

    def organization(self, *options: object, name: str = "Helse Vest") -> str:
        """Adds an organization."""
        return str(self.done("organization", "add", "DIR", name, *options)["organization_id"])

    def agrees(
        self, program: str, *options: object, organization: str = "", licenses: Mapping[str, int] | None = None
    ) -> Said:
        """Adds an agreement, of the household where no organization is named, at level A where there are levels."""
        owner = organization or self.household
        bought = [f"--licenses={product}={number}" for product, number in (licenses or {}).items()]
        level = ["--level=A"] if program in self.world.pooled_programs and "--level" not in options else []
        return self.run(
            "agreement", "add", "DIR", "--organization", owner, "--program", program, *level, *bought, *options
        )

    def agreement(
        self, program: str, *options: object, organization: str = "", licenses: Mapping[str, int] | None = None
    ) -> str:
        """The same where it has to succeed: the Licensing ID."""
        said = self.agrees(program, *options, organization=organization, licenses=licenses)
        assert said.code == 0, said
        return str(said.data["licensing_id"])

    @cached_property
    def household(self) -> str:
        """The organization of those whose names do not matter."""
        return self.organization(name="Haukeland")

    @cached_property
    def owner(self) -> str:
        """The Licensing ID of a customer that bought one of each product."""
        return self.owner_of(*self.world.groups, self.world.old_server, self.world.box_addon)

    def owner_of(self, *products: str, organization: str = "") -> str:
        """The Licensing ID of a customer that bought one of each of these products."""
        owner = organization or self.household
        return self.agreement(self.world.purchase, organization=owner, licenses=dict.fromkeys(products, 1))

    def issues(self, licensing_id: str, product: str, kind: str, *options: object) -> Said:
        """Issues keys."""
        words = ("--licensing-id", licensing_id, "--product", product, "--kind", kind)
        return self.run("key", "issue", "DIR", *words, *options)

    def issue(self, licensing_id: str, product: str, kind: str, *options: object) -> dict[str, Any]:
        """The same where it has to succeed: what it said."""
        said = self.issues(licensing_id, product, kind, *options)
        assert said.code == 0, said
        return said.data

    def key(self, product: str, kind: str, *options: object, licensing_id: str = "") -> Key:
        """A new key, of the agreement or of the customer that bought all, as a device proves that it has it."""
        return read(self.issue(licensing_id or self.owner, product, kind, *options)["key"], self.world.publisher)

    def shown(self, keyid: str, shift: str | None = None) -> dict[str, Any]:
        """What `key show` says."""
        return self.done("key", "show", "DIR", keyid, shift=shift)

    def told(self, keyid: str) -> list[str]:
        """What was done to a key, in its order."""
        return [str(line["what"]) for line in self.shown(keyid)["history"]]

    def center(
        self, *words: object, caller: str = "Kari Nordmann", proof: str = "invoice 17", reason: str = "asked"
    ) -> Said:
        """Runs one of the center's acts for a caller who has shown proof."""
        return self.run("center", *words, "--caller", caller, "--proof", proof, "--reason", reason)

    def advise(self, **question: object) -> dict[str, Any]:
        """What is advised; the question's members are those of the file."""
        return self.done("advise", "DIR", "--question", "-", text=json.dumps(question))

    def media(self, licensing_id: str, product: str, *options: str) -> Media:
        """The media of a product."""
        folder = self.folder / self.fresh("media")
        self.done("media", "DIR", folder, "--licensing-id", licensing_id, "--product", product, *options)
        return Media(folder=folder, product=product)

    def publish(self, text: str) -> Said:
        """Publishes a catalog."""
        file = self.folder / f"{self.fresh('catalog')}.toml"
        file.write_text(text, "utf-8")
        return self.run("catalog", "publish", "DIR", file)

    # Computers, hosts, and other times and places.

    def computer(
        self, product: str, *options: object, channel: str = "volume", publisher_file: Path | None = None
    ) -> Pc:
        """A computer of its own with this product."""
        name = self.fresh("pc")
        pc = Pc(home=self.folder / name, identity=declare(self.folder / f"{name}.identity", name))
        file = publisher_file or self.publisher_file
        words = ("--product", product, "--publisher", file, "--identity", pc.identity, "--channel", channel, *options)
        said = pc.run("init", *words)
        assert said.code == 0, said
        return pc

    def activated(self, product: str, key: str, *options: object, channel: str = "volume") -> Pc:
        """A computer that was activated with a key at the service."""
        pc = self.computer(product, *options, channel=channel)
        for words in (("install-key", key), ("activate", "--service", self.url)):
            said = pc.run(*words)
            assert said.code == 0, said
        return pc

    def host(self, *options: str) -> HostPlace:
        """A machine that is to be a host, on the catalog's default platform, and knows the service."""
        words = ("--service", self.url, *options)
        folder = self.folder / self.fresh("host")
        return HostPlace.make(folder, self.publisher_file, *words, publisher=self.world.publisher)

    @property
    def platform(self) -> str:
        """The host platform that the catalog names as its default."""
        found = re.search(r'^default_host_platform = "(.+?)"', self.world.text, re.MULTILINE)
        assert found
        return found[1]

    def sent(self, body: bytes) -> httpx.Response:
        """Sends one signed request to the service."""
        assert self.url
        return self.running[0].post(body)

    def posts(self, body: bytes) -> str | None:
        """The same; gives the code of the refusal."""
        return code(self.sent(body))

    def copied(self) -> Bench:
        """A bench of its own with all that is on record here; nothing of it runs."""
        folder = self.folder / self.fresh("copy")
        folder.mkdir()
        shutil.copytree(self.service, folder / "service")
        return Bench(self.world, folder)

    @contextlib.contextmanager
    def later(self, days: int) -> Iterator[Bench]:
        """A copy whose service runs so many days later."""
        copy = self.copied()
        copy.running.append(start(copy.service, env=shifted(f"+{days}d")))
        copy.url = copy.running[0].url
        try:
            yield copy
        finally:
            copy.close()


def day(offset: int) -> str:
    """A day from today, in UTC."""
    return (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=offset)).isoformat()


def error(said: Said, code: str) -> dict[str, Any]:
    """The refusal, which has the code and what people need with it."""
    assert said.refused == code, said
    found: dict[str, Any] = said.data["error"]
    assert all(found[member] for member in ("title", "detail", "fix")), found
    return found
