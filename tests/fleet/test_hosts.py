"""Activation hosts without a network, in one bundle with computers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.bundles import Site
from tests.support.commands import volact
from tests.support.hosts import HostPlace
from tests.support.service import ROOT, now
from volact.licensing.catalogfile import read_catalog_text
from volact.service.usecases import catalogs

PRODUCT = "solver-server-9"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Two computers, and a host with a key that has asked nobody yet."""
    made = Site.make(tmp_path, activations=5, computers=2)
    assert volact("service", "publisher-file", made.place.folder, tmp_path / "publisher.json").code == 0
    return made


def carried(site: Site, host: HostPlace, verb: str) -> dict[str, object]:
    """One way of the bundle with the host's request in it, there and back; gives what the host then says."""
    assert host.run(verb, "--request", str(site.requests / "host.request")).code == 0
    site.export()
    assert site.answer_by_file().code == 0
    assert site.import_answer().data["written"] == 3
    said = host.run(verb, "--response", str(site.requests / "host.response"))
    assert said.code == 0, said
    return said.data


def test_f24_proxy_bundle_activates_and_renews_a_host_among_computers(site: Site, tmp_path: Path) -> None:
    """A host's request goes in a bundle as a computer's does; its update brings certificate, list and newer catalog."""
    host = HostPlace.make(tmp_path / "host", tmp_path / "publisher.json")
    assert host.run("install-key", "-", text=site.place.key(PRODUCT, "host").text).code == 0
    first = carried(site, host, "activate")["certificates"]
    assert [each["renewed"] for each in first] == [False]  # type: ignore[attr-defined]
    text = (ROOT / "catalogs" / "demo.toml").read_text("utf-8").replace('name = "Tracer 9"', 'name = "Tracer Nine"')
    with site.place.opened() as service:
        catalogs.publish(service, read_catalog_text(text), act=now())
    versions = carried(site, host, "update")["versions"]
    assert versions["catalog"] == 2  # type: ignore[index]
    assert host.status()["activated"] is True
