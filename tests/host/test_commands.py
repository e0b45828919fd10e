"""What an administrator does with a host before it answers anybody."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.host.conftest import MakeHost
from tests.support.commands import declare, volact
from tests.support.hosts import HostPlace, code
from tests.support.publisher import DAY, Publisher

S2008R2 = "windows-server-2008-r2-b"


def test_a_refused_init_leaves_nothing(publisher: Publisher, publisher_file: Path, tmp_path: Path) -> None:
    """An init that is refused, for its publisher file, platform or identity, leaves no folder behind."""
    broken = tmp_path / "broken.json"
    broken.write_bytes(publisher_file.read_bytes().replace(b"eyJpc3Mi", b"eyJpc3Mj", 1))
    host = HostPlace(tmp_path / "host", publisher.id)
    for words, expected in (
        (("--publisher", str(broken)), "root_untrusted"),
        (("--publisher", str(publisher_file), "--platform", "amiga"), "host_platform_unsupported"),
        (("--publisher", str(publisher_file), "--identity", str(tmp_path / "none")), "usage"),
    ):
        assert host.run("init", *words).error == expected
        assert not host.folder.exists()


def test_the_platform_defaults_to_the_catalogs(make_host: MakeHost) -> None:
    """Without --platform a host takes its system's id if the catalog has it, else the catalog's default."""
    host = make_host()
    assert host.run("init", "--publisher", "x").code == 2
    assert "windows-server-2008-r2" in (host.folder / "host.db").read_bytes().decode("latin-1")


def test_an_unknown_platform_lists_the_known_ones(publisher_file: Path, tmp_path: Path) -> None:
    """A platform that the catalog does not have is refused with those that it has."""
    said = volact("host", "init", str(tmp_path / "h"), "--publisher", str(publisher_file), "--platform", "amiga")
    assert "windows-server-2012" in said.data["error"]["platforms"]


def test_keys_lie_where_their_owner_alone_reads(make_host: MakeHost) -> None:
    """Database and device key of a host are readable by their owner alone, and hold no product key."""
    host = make_host(S2008R2)
    files = [path for path in host.folder.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert len(list((host.folder / "device").iterdir())) == 1


def test_refused_keys(publisher: Publisher, make_host: MakeHost) -> None:
    """A mistyped key, another publisher's, and one that is no host key are refused, and nothing is kept."""
    host = make_host()
    good = publisher.issue("host", S2008R2).text
    wrong = good[:7] + ("A" if good[7] != "A" else "B") + good[8:]
    foreign = Publisher.of(publisher="other.example").issue("host", S2008R2).text
    mak = publisher.issue("mak", "windows-7").text
    said = [host.run("install-key", "-", text=text) for text in (wrong, foreign, mak)]
    assert [each.error for each in said] == ["key_mistyped", "key_of_other_publisher", "key_wrong_kind"]
    assert (said[0].data["error"]["group"], said[0].data["error"]["position"]) == (2, 2)
    assert host.run("activate").error == "host_not_activated"


def test_the_same_key_again_is_done(publisher: Publisher, make_host: MakeHost) -> None:
    """Installing a key a second time is done, not refused."""
    host, key = make_host(), publisher.issue("host", S2008R2).text
    assert [host.run("install-key", key).code for _ in range(2)] == [0, 0]
    assert len(host.run("activate").data["certificates"]) == 1


def test_activate_takes_one_and_renews_afterwards(publisher: Publisher, make_host: MakeHost) -> None:
    """Activating an active host renews its certificate under the same slot and takes nothing."""
    host = make_host(S2008R2, "office-2010")
    before = host.run("activate").data["certificates"]
    publisher.clock.now += DAY
    after = host.run("activate").data["certificates"]
    assert [each["renewed"] for each in after] == [True, True]
    assert [each["host_id"] for each in after] == [each["host_id"] for each in before]
    assert all(new["expires"] > old["expires"] for new, old in zip(after, before, strict=True))
    assert [slot.reactivations for slots in publisher.slots.values() for slot in slots.values()] == [0, 0]


def test_a_lost_answer_is_asked_for_again(publisher: Publisher, make_host: MakeHost) -> None:
    """When an answer is lost, the same bytes are sent again, so that the repeated request takes no second slot."""
    host = make_host()
    host.run("install-key", publisher.issue("host", S2008R2).text)
    publisher.down = True
    lost = host.run("activate")
    assert lost.error == "service_unreachable"
    assert "go on" in lost.data["error"]["detail"]
    publisher.down = False
    assert host.run("activate").code == 0
    assert len(publisher.newest) == 1


def test_a_service_that_refuses(publisher: Publisher, make_host: MakeHost) -> None:
    """A blocked key is refused with its code; leases that run and the certificate that is there stay."""
    host = make_host(S2008R2)
    for key in publisher.keys.values():
        key.blocked = True
    assert host.run("activate").error == "key_blocked"
    assert host.status()["activated"] is True


def test_a_clock_that_is_off_is_mended_by_the_service(make_host: MakeHost) -> None:
    """A host whose clock is five hours off is activated by the time that the service tells, with a warning."""
    host = make_host(S2008R2)
    said = host.run("activate", shift="+5h")
    assert (said.code, said.data["warnings"][0]["code"]) == (0, "clock_out_of_range")


def test_activation_by_file(publisher: Publisher, make_host: MakeHost, tmp_path: Path) -> None:
    """A host without a network is activated and renewed by a request file and its answer file, each once."""
    host, request, response = make_host(), tmp_path / "r", tmp_path / "a"
    host.run("install-key", publisher.issue("host", S2008R2).text)
    for renewed in (False, True):
        assert host.run("activate", "--request", str(request)).code == 0
        once = request.read_bytes()
        assert host.run("activate", "--request", str(request)).code == 0
        assert request.read_bytes() == once
        response.write_bytes(publisher.answer_file(once))
        said = host.run("activate", "--response", str(response))
        assert said.data["certificates"][0]["renewed"] is renewed
    assert host.run("activate", "--response", str(response)).error == "answer_untrusted"


def test_an_update_by_file_renews_and_brings_the_catalog(
    publisher: Publisher, publisher_file: Path, make_host: MakeHost, tmp_path: Path
) -> None:
    """Without a network `host update` renews by files and brings a newer catalog, which `host activate` leaves be."""
    host, request, response = make_host(S2008R2), tmp_path / "r", tmp_path / "a"
    publisher.publish()
    for verb, catalog in (("activate", 1), ("update", 2)):
        assert host.run(verb, "--request", str(request)).code == 0
        response.write_bytes(publisher.answer_file(request.read_bytes()))
        said = host.run(verb, "--response", str(response))
        assert said.code == 0, said
        now_there = host.run("update", "--file", str(publisher_file))  # which is older, and changes nothing
        assert now_there.data["versions"]["catalog"] == catalog
    assert host.run("update", "--request", str(request), "--response", str(response)).error == "usage"
    assert host.run("update", "--response", str(response)).error == "answer_untrusted"


def test_a_copied_folder_is_detected_when_both_renew(publisher: Publisher, make_host: MakeHost, tmp_path: Path) -> None:
    """Of two copies that renew the later one is told `clone_detected`; activating it ends the other copy's key."""
    first = make_host(S2008R2)
    second = copied(first, tmp_path / "copy")
    assert first.run("activate").code == 0
    assert second.run("activate").error == "clone_detected"
    status = second.status()
    assert status["activated"] is True
    assert status["warnings"] == [{"code": "clone_detected", "title": "Another copy was renewed before"}]
    assert second.run("activate").data["certificates"][0]["renewed"] is False
    assert "warnings" not in second.status()
    (slot,) = (slot for slots in publisher.slots.values() for slot in slots.values())
    assert slot.reactivations == 1
    assert first.run("activate").error == "clone_detected"
    first.run("update")
    assert first.status()["activated"] is False  # its device key is on the list now


def test_a_copy_goes_on_asking_once_a_day(publisher: Publisher, make_host: MakeHost, tmp_path: Path) -> None:
    """A host that was told of another copy renews by itself again a day later, for a refusal is not signed."""
    first = make_host(S2008R2)
    second = copied(first, tmp_path / "copy")
    assert first.run("activate").code == 0
    assert second.run("activate").error == "clone_detected"
    assert "warnings" not in second.run("update").data
    publisher.clock.now += 2 * DAY
    late = second.run("update", shift="+2d")
    assert [each["code"] for each in late.data["warnings"]] == ["clone_detected"]


def test_a_copy_on_other_hardware(publisher: Publisher, make_host: MakeHost, tmp_path: Path) -> None:
    """A folder copied to another machine does not run there, and activating it takes a slot of its own."""
    host = make_host(S2008R2)
    declare(host.folder.with_suffix(".identity"), "another-machine")
    assert host.run("run").error == "hardware_changed"
    assert host.status()["warnings"][0]["code"] == "hardware_changed"  # type: ignore[index]
    assert host.run("activate").code == 0
    assert [len(slots) for slots in publisher.slots.values()] == [2]


def test_a_copy_on_other_hardware_serves_nothing_before_it_is_activated(
    publisher: Publisher, make_host: MakeHost
) -> None:
    """A host on another machine gives no leases under the certificate of the first one, also after a refusal."""
    host = make_host(S2008R2)
    declare(host.folder.with_suffix(".identity"), "another-machine")
    publisher.down = True
    assert host.run("activate").error == "service_unreachable"
    assert host.status()["activated"] is False
    with host.running() as running:
        assert code(running.ask("pc-1", "windows-server-2008-r2-standard")) == "host_not_activated"
    declare(host.folder.with_suffix(".identity"), host.folder.name)  # the first machine is there again
    assert host.status()["activated"] is True
    publisher.down = False
    assert host.run("activate").data["certificates"][0]["renewed"] is True
    assert all(slot.reactivations == 0 for slots in publisher.slots.values() for slot in slots.values())


def test_a_new_key_stands_in_for_a_blocked_one(publisher: Publisher, make_host: MakeHost) -> None:
    """A blocked key whose products another key of the host serves is a warning, and no refusal."""
    host = make_host(S2008R2)
    for key in publisher.keys.values():
        key.blocked = True
    host.run("install-key", "-", text=publisher.issue("host", S2008R2).text)
    said = host.run("activate")
    assert (said.code, said.data["warnings"][0]["code"]) == (0, "key_blocked")


def test_a_host_that_lost_its_device_key_says_so(make_host: MakeHost) -> None:
    """A host whose device key is gone does not call itself activated, and says why."""
    host = make_host(S2008R2)
    for key in (host.folder / "device").iterdir():
        key.unlink()
    status = host.status()
    assert (status["activated"], status["warnings"][0]["code"]) == (False, "host_not_activated")  # type: ignore[index]


@pytest.mark.parametrize("by_file", [False, True])
def test_update_brings_newer_documents(
    publisher: Publisher, make_host: MakeHost, publisher_file: Path, by_file: bool
) -> None:
    """A host takes newer root, catalog and revocation list, online or by file, and nothing older."""
    host = make_host(S2008R2)
    older = publisher_file.read_bytes()
    publisher.rotate()
    publisher.publish()
    publisher_file.write_bytes(publisher.file())
    words = ("--file", str(publisher_file)) if by_file else ()
    assert host.run("update", *words).data["versions"] == {"root": 2, "catalog": 2, "revocations": 1}
    publisher_file.write_bytes(older)
    assert host.run("update", "--file", str(publisher_file)).data["versions"]["catalog"] == 2


def test_update_believes_its_own_publisher_alone(make_host: MakeHost, tmp_path: Path) -> None:
    """A publisher file of another publisher, or of another root, is `root_untrusted` and changes nothing."""
    host = make_host(S2008R2)
    other = tmp_path / "other.json"
    impostor = Publisher.of(publisher="acme.example", now=1_700_000_000)
    for file in (Publisher.of(publisher="other.example").file(), impostor.file()):
        other.write_bytes(file)
        assert host.run("update", "--file", str(other)).error == "root_untrusted"


def copied(host: HostPlace, folder: Path) -> HostPlace:
    """The same machine's copy of a host's folder."""
    import shutil

    shutil.copytree(host.folder, folder)
    return HostPlace(folder, host.publisher)
