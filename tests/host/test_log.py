"""Hosts watch the publisher's log too, and pass what they know on to their computers."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.computer import Asker
from tests.support.hosts import HostPlace
from tests.support.service import Place, now
from volact.service.usecases import catalogs, customers
from volact.service.usecases.sequencing import catch_up


def acts(place: Place, *names: str) -> int:
    """Acts on record, in the log at once; gives the log's size."""
    with place.opened() as service:
        for name in names:
            customers.add_organization(service, name, parent=None, country=None, act=now())
            catch_up(service)
        return int(service.ledger.execute("SELECT max(size) FROM checkpoints").fetchone()[0])


def publisher_file(place: Place, at: Path) -> Path:
    """The publisher file as it stands."""
    with place.opened() as service:
        at.write_bytes(catalogs.publisher_file(service)[0])
    return at


def test_a_host_passes_on_what_it_knows_and_tells_of_a_fork(tmp_path: Path) -> None:
    """A host's answers carry the newest checkpoint that it has seen; after a restored record every command warns."""
    place = Place.make(tmp_path / "service")
    key = place.key("solver-server-9", "host")
    acts(place, "Contoso")
    shutil.copytree(place.folder, tmp_path / "backup")
    file = publisher_file(place, tmp_path / "publisher.volact")
    with place.running() as service:
        host = HostPlace.make(tmp_path / "host", file, "--service", service.url, "--platform", "linux")
        assert host.run("install-key", "-", text=key.text).code == 0
        assert host.run("activate").code == 0
        size = acts(place, "Fabrikam", "Tailspin", "Litware")
        assert host.run("update").code == 0
        with host.running() as running:
            replies = [running.ask(Asker(f"pc-{number}"), "solver-server-9") for number in range(5)]
        given = [reply.json() for reply in replies if reply.status_code == 200]
        assert {place.trust.checkpoint(each["checkpoint"]).size for each in given} == {size}
    shutil.rmtree(place.folder)
    shutil.copytree(tmp_path / "backup", place.folder)
    acts(place, *(f"Other {number}" for number in range(9)))
    port = service.url.rsplit(":", 1)[1]
    with place.running(bind=f"127.0.0.1:{port}"):
        said = host.run("update")
        assert said.data["warnings"][0]["code"] == "log_forked"
    for verb in ("status", "computers"):
        assert [each["code"] for each in host.run(verb).data["warnings"]] == ["log_forked"]
    assert host.status()["activated"] is True
    host.run("update", "--file", str(publisher_file(place, file)))
    assert "warnings" not in host.status()
