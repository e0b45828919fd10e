import datetime
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cli.service.conftest import ROOT, Desk, volact
from volact.credential.productkey import ProductKey, read_key
from volact.credential.proof import derive
from volact.service.config import Folder
from volact.service.ledger import settings
from volact.service.ledger.connection import writing
from volact.service.opening import opened

KEY = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){4}\b")
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MAK = ("windows-7-professional", "mak")


def day(offset: int) -> str:
    """A day from today, in UTC."""
    return (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=offset)).isoformat()


def test_from_customer_to_key(any_desk: Desk) -> None:
    """An organization gets an agreement and a key, and key and agreement show the same numbers afterwards."""
    options = ("--program", "select-plus", "--level", "C", "--licenses", "windows-7-professional=40")
    licensing_id = any_desk.customer(*options, "--valid-until", day(365))
    issued = any_desk.issue(licensing_id, *MAK).data
    key = read_key(issued["key"], "acme.example")
    assert isinstance(key, ProductKey)
    assert derive(key, "acme.example").keyid == issued["keyid"]
    shown = any_desk.run("key", "show", "DIR", issued["keyid"].lower()).data
    wanted = {"kind": "mak", "product_group": "windows-7", "state": "active", "allowance": 250, "used": 0}
    assert {name: shown[name] for name in wanted} == wanted
    assert (shown["remaining"], shown["hosts"], shown["activations"], shown["refused"]) == (250, [], [], [])
    (line,) = shown["history"]
    assert set(line) == {"at", "who", "what", "why", "caller", "proof"}
    assert RFC_3339.fullmatch(line["at"])
    agreement = any_desk.run("agreement", "show", "DIR", licensing_id).data
    assert {
        name: agreement[name] for name in ("program", "level", "valid_from", "valid_until", "licenses", "rights")
    } == {
        "program": "select-plus",
        "level": "C",
        "valid_from": None,
        "valid_until": day(365),
        "licenses": {"windows-7-professional": 40},
        "rights": {"reimaging": None, "downgrade": None, "evaluation": None, "training": 20, "backup": 1},
    }
    (listed,) = agreement["keys"]
    assert {name: listed[name] for name in ("keyid", "kind", "product_group", "used", "remaining")} == {
        "keyid": issued["keyid"],
        "kind": "mak",
        "product_group": "windows-7",
        "used": 0,
        "remaining": 250,
    }
    owner = agreement["organization_id"]
    assert any_desk.run("summary", "DIR", owner).data == {
        "organization_id": owner,
        "licensing_ids": [{"licensing_id": licensing_id, "program": "select-plus", "owner": owner, "by_grant": False}],
    }


def test_a_key_is_shown_once(desk: Desk) -> None:
    """The key itself is printed when it is issued, and by no other command, neither for people nor as JSON."""
    licensing_id = desk.customer()
    words = ("key", "issue", "DIR", "--licensing-id", licensing_id, "--product", MAK[0], "--kind", "mak")
    text = desk.run(*words, json=False).out
    assert KEY.search(text)
    keyid = desk.run("agreement", "show", "DIR", licensing_id).data["keys"][0]["keyid"]
    for json in (True, False):
        for listing in (
            ("key", "show", "DIR", keyid),
            ("agreement", "show", "DIR", licensing_id),
            ("key", "set", "DIR", keyid, "--activations", 60, "--reason", "more"),
            ("key", "block", "DIR", keyid),
        ):
            said = desk.run(*listing, json=json)
            assert said.code == 0
            assert not KEY.search(said.out + said.err)
    assert desk.run("key", "show", "DIR", keyid, json=False).out.startswith(text[:5])


def test_many_keys_come_as_a_list(desk: Desk) -> None:
    """With --count, also of one, keys come as a list of key and id, all of them different."""
    licensing_id = desk.customer()
    one = desk.issue(licensing_id, "windows-7-professional", "retail", "--count", 1).data["keys"]
    keys = desk.issue(licensing_id, "windows-7-professional", "retail", "--count", 25).data["keys"]
    assert (len(one), len(keys)) == (1, 25)
    assert all(set(each) == {"key", "keyid"} for each in keys)
    assert len({each["key"] for each in one + keys}) == 26
    assert all(each["remaining"] == 1 for each in desk.run("agreement", "show", "DIR", licensing_id).data["keys"])


def test_refusals_of_the_thread(desk: Desk) -> None:
    """Whatever is unknown is refused with a code of its own, exit code 1, and changes nothing."""
    licensing_id = desk.customer()
    assert (
        desk.run("agreement", "add", "DIR", "--organization", "O", "--program", "spla").refused
        == "unknown_organization"
    )
    owner = desk.run("agreement", "show", "DIR", licensing_id).data["organization_id"]
    add = ("agreement", "add", "DIR", "--organization", owner, "--program")
    assert desk.run(*add, "nope").refused == "unknown_program"
    assert desk.run(*add, "select-plus", "--level", "Z").refused == "unknown_level"
    assert desk.run(*add, "spla", "--level", "A", "--licenses", "nope=1").refused == "unknown_product"
    assert desk.run(*add, "spla", "--level", "A", "--licenses", "office-2010").code == 2
    assert desk.run(*add, "spla", "--level", "A", "--valid-from", "soon").code == 2
    assert desk.run("organization", "set", "DIR", owner, "--parent", owner).refused == "organization_cycle"
    assert desk.issue("L-NONE", *MAK).refused == "unknown_agreement"
    assert desk.issue(licensing_id, "nope", "mak").refused == "unknown_product"
    assert desk.run("key", "show", "DIR", "0000000000").refused == "key_unknown"
    assert desk.run("summary", "DIR", "O").refused == "unknown_organization"
    assert len(desk.run("summary", "DIR", owner).data["licensing_ids"]) == 1


def test_a_refusal_for_people_names_cause_fix_and_code(desk: Desk) -> None:
    """For people a refusal is cause, hint and code on the side of talk, and nothing as data."""
    said = desk.run("key", "show", "DIR", "0000000000", json=False)
    assert (said.code, said.out) == (1, "")
    assert re.fullmatch(r'error: no key has the id "0000000000"\nhint:  .+ \[key_unknown\]\n', said.err)


def test_catalog_versions(any_desk: Desk, tmp_path: Path) -> None:
    """The same catalog again is the next version; one that breaks what was issued is refused, and the version stays."""
    reference = ROOT / "catalogs" / "reference.toml"
    shown = any_desk.run("catalog", "show", "DIR").data
    assert shown["version"] == 1
    windows = next(each for each in shown["products"] if each["product"] == "windows-server-2008-r2-standard")
    wanted = {"product_group": "windows-server-2008-r2-b", "pool": "servers", "count_group": "windows"}
    assert {name: windows[name] for name in wanted} == wanted
    assert windows["needs"] == "activation"
    assert "windows-7-volume" in shown["host_platforms"]
    assert "open-value" in shown["programs"]
    wanted = {"version": "2008 R2", "channels": ["volume", "retail", "oem"], "media": "download", "retired": False}
    assert {name: windows[name] for name in wanted} == wanted
    assert "windows-server-2003" in windows["downgrades"]
    small = next(each for each in shown["products"] if each["product"] == "sbs-2008-standard")
    assert (small["media"], small["key_on_media"]) == ("post", True)
    details = {each["program"]: each for each in shown["program_details"]}
    assert list(details) == shown["programs"]
    assert (details["spla"]["keys"], details["spla"]["levels"]) == ("pool", ["A", "B", "C", "D"])
    assert (details["isv-royalty"]["shows_keys"], details["isv-royalty"]["keys"]) == (False, "purchase")
    assert volact("catalog", "show", reference).data["version"] is None
    assert any_desk.run("catalog", "publish", "DIR", reference).data["version"] == 2
    any_desk.issue(any_desk.customer(), *MAK)
    assert any_desk.run("catalog", "publish", "DIR", ROOT / "catalogs" / "demo.toml").refused == "catalog_invalid"
    (tmp_path / "broken.toml").write_text(reference.read_text().replace("number = 102", "number = 999", 1))
    said = any_desk.run("catalog", "publish", "DIR", tmp_path / "broken.toml")
    assert said.refused == "catalog_invalid"
    assert any_desk.run("catalog", "show", "DIR").data["version"] == 2


def test_a_catalog_is_read_on_80_columns(desk: Desk) -> None:
    """People see every product whole below its group, on lines of 80 columns and with all that its keys follow from."""
    lines = desk.run("catalog", "show", "DIR", json=False).out.splitlines()
    at = lines.index("windows-server-2008-r2-b   pool servers, counts as windows")
    assert lines[at + 1].split() == [
        "windows-server-2008-r2-standard", "mak", "host", "retail", "oem", "activation",
    ]  # fmt: skip
    assert max(map(len, lines[:at])) <= 80
    assert any(line.split() == ["sbs-2008-cal", "no", "key", "none"] for line in lines)


def test_parallel_commands_lose_nothing(any_desk: Desk) -> None:
    """Commands that run side by side all take effect, each key with an id of its own."""
    licensing_id = any_desk.customer()
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: any_desk.issue(licensing_id, *MAK, "--count", 20), range(8)))
    assert [each.code for each in said] == [0] * 8
    keys = any_desk.run("agreement", "show", "DIR", licensing_id).data["keys"]
    assert len({key["keyid"] for key in keys}) == 160


def test_a_clock_that_went_back_signs_nothing(any_desk: Desk) -> None:
    """A clock before the newest time signed is signing_clock until an operator confirms; keys go on being issued."""
    later = int(time.time()) + 90_000
    with opened(Folder(any_desk.folder)) as service, writing(service.ledger):
        settings.note_signed(service.ledger, later)
    keyid = any_desk.issue(any_desk.customer(), *MAK).data["keyid"]
    publish = ("catalog", "publish", "DIR", ROOT / "catalogs" / "reference.toml")
    assert any_desk.run(*publish).refused == "signing_clock"
    assert any_desk.run("key", "block", "DIR", keyid, "--revoke").refused == "signing_clock"
    assert any_desk.run("key", "show", "DIR", keyid).data["state"] == "active"
    confirmed = any_desk.run("clock", "confirm", "DIR").data
    assert RFC_3339.fullmatch(confirmed["now"])
    assert confirmed["newest_signed"] > confirmed["now"]
    assert any_desk.run(*publish).data["version"] == 2
    assert any_desk.run("key", "block", "DIR", keyid, "--revoke").data["state"] == "revoked"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a limit on file sizes")
def test_a_full_disk_issues_nothing(desk: Desk, tmp_path: Path) -> None:
    """Keys that cannot be put on record are storage_full, none of them is shown, and the service goes on afterwards."""
    import resource
    import subprocess

    from tests.support.commands import VOLACT

    licensing_id = desk.customer()
    words = ["--licensing-id", licensing_id, "--product", MAK[0], "--kind", "mak", "--count", "3000", "--json"]
    limit = (desk.folder / "ledger.db").stat().st_size + 100_000
    done = subprocess.run(
        [str(VOLACT), "service", "key", "issue", str(desk.folder), *words],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert (done.returncode, '"storage_full"' in done.stdout, KEY.search(done.stdout)) == (1, True, None), done
    assert desk.run("agreement", "show", "DIR", licensing_id).data["keys"] == []
    assert desk.issue(licensing_id, *MAK).code == 0
