"""A publisher and an activated host of it, made with the command line, for what is measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stage import Server, volact

PUBLISHER = "bench.example"


@dataclass(frozen=True, slots=True)
class Sold:
    """What a publisher sells in a measurement: a product of a catalog, under one of its programs."""

    catalog: Path
    product: str
    program: str


@dataclass(frozen=True, slots=True)
class Estate:
    """The publisher's file and pin, and the folder of a host with a certificate; nothing runs."""

    file: Path
    pin: str
    host: Path


def found(folder: Path, sold: Sold) -> Estate:
    """Founds a publisher, sells to one organization, and activates its host."""
    service, host, file = folder / "service", folder / "host", folder / "publisher.json"
    volact("service", "init", service, "--id", PUBLISHER, "--name", "Bench", "--catalog", sold.catalog)
    pin = str(volact("service", "publisher-file", service, file)["pin"])
    organization = volact("service", "organization", "add", service, "Bench")["organization_id"]
    under = volact("service", "agreement", "add", service, "--organization", organization, "--program", sold.program)
    of = ("--licensing-id", under["licensing_id"], "--product", sold.product, "--kind", "host")
    key = volact("service", "key", "issue", service, *of)["key"]
    running = Server("service", "run", service)
    try:
        volact("host", "init", host, "--publisher", file, "--service", running.url)
        volact("host", "install-key", host, key)
        volact("host", "activate", host)
    finally:
        running.stop()
    return Estate(file, pin, host)
