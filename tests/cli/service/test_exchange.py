import csv
import os
from pathlib import Path
from threading import Thread

from tests.cli.service.conftest import Desk
from tests.support.commands import Said

WINDOWS = "windows-7-professional"


def sheet(path: Path, *lines: str) -> Path:
    """Writes a sheet of these lines."""
    path.write_text("\n".join(lines), "utf-8")
    return path


def rows(said: Said) -> list[tuple[int, str, str | None]]:
    """What each row came to."""
    return [(row["row"], row["result"], row["code"]) for row in said.data["rows"]]


def test_a_customer_comes_from_sheets(any_desk: Desk, tmp_path: Path) -> None:
    """Agreements, purchases and keys of an older system are imported, after a dry run that changed nothing."""
    agreements = sheet(tmp_path / "a.csv", "licensing_id;organization;country;program", "OLD-7;Fjord;NO;open-license")
    dry = any_desk.run("import", "DIR", "agreements", agreements)
    assert (dry.code, dry.data["applied"], rows(dry)) == (0, False, [(1, "added", None)])
    assert dry.data["rows"][0]["organization_id"] is None
    assert any_desk.run("agreement", "show", "DIR", "OLD-7").refused == "unknown_agreement"
    done = any_desk.run("import", "DIR", "agreements", agreements, "--apply")
    assert (done.code, done.data["applied"], rows(done)) == (0, True, rows(dry))
    assert done.data["rows"][0]["organization_id"].startswith("O-")
    bought = sheet(tmp_path / "p.csv", "licensing_id,product,licenses", f"OLD-7,{WINDOWS},40")
    assert any_desk.run("import", "DIR", "purchases", bought, "--apply").code == 0
    assert any_desk.run("agreement", "show", "DIR", "OLD-7").data["licenses"] == {WINDOWS: 40}
    wanted = sheet(tmp_path / "k.csv", "licensing_id,product,kind", *[f"OLD-7,{WINDOWS},mak"] * 2)
    assert [row["key"] for row in any_desk.run("import", "DIR", "keys", wanted).data["rows"]] == [None, None]
    issued = any_desk.run("import", "DIR", "keys", wanted, "--apply").data["rows"]
    assert any_desk.run("key", "show", "DIR", issued[0]["keyid"]).data["remaining"] == 80
    assert len({row["key"] for row in issued}) == 2


def test_f42_service_import_names_every_row_that_is_refused(any_desk: Desk, tmp_path: Path) -> None:
    """A bad row ends the import with exit code 1; one object holds the error, and beside it what each row came to."""
    licensing_id = any_desk.customer()
    lines = (f"{licensing_id},{WINDOWS},40", f"{licensing_id},office-2010", f"{licensing_id},visio-2010,=1+1")
    bad = sheet(tmp_path / "bad.csv", "licensing_id,product,licenses", *lines)
    before = any_desk.run("agreement", "show", "DIR", licensing_id).data
    said = any_desk.run("import", "DIR", "purchases", bad, "--apply")
    assert (said.refused, said.data["applied"]) == ("sheet_refused", False)
    assert [code for _, _, code in rows(said)] == [None, "sheet_invalid", "sheet_invalid"]
    assert [row["line"] for row in said.data["rows"]] == [2, 3, 4]
    assert any_desk.run("agreement", "show", "DIR", licensing_id).data == before
    words = any_desk.run("import", "DIR", "purchases", bad, json=False)
    assert "line 3 has 2 cells" in words.out
    assert "formula" in words.out
    assert "2 of 3 rows cannot be applied, so none was" in words.err
    assert "[sheet_refused]" in words.err


def test_a_sheet_in_another_encoding_is_refused(desk: Desk, tmp_path: Path) -> None:
    """A sheet in UTF-16 has no rows, and the refusal says how to save it."""
    path = tmp_path / "wide.csv"
    path.write_text("licensing_id,product,licenses\n", "utf-16")
    said = desk.run("import", "DIR", "purchases", path, "--apply")
    assert (said.refused, said.data["rows"], said.data["applied"]) == ("sheet_invalid", [], False)
    assert "save it as CSV UTF-8" in said.data["error"]["detail"]


def test_f05_service_import_leaves_payment_out_and_says_so(desk: Desk, tmp_path: Path) -> None:
    """A payment column is left out and named; what stands in it refuses nothing."""
    licensing_id = desk.customer()
    lines = ("licensing_id,product,licenses,Amount due,paid", f"{licensing_id},{WINDOWS},40,=SUM(A1:A9),no")
    path = sheet(tmp_path / "p.csv", *lines)
    said = desk.run("import", "DIR", "purchases", path, "--apply")
    assert (said.code, said.data["left_out"]) == (0, ["Amount due", "paid"])
    assert "Amount due, paid" in said.err
    words = desk.run("import", "DIR", "purchases", path, json=False)
    assert words.out == "would be: 1 unchanged\n  nothing was changed; the same with --apply does it\n"


def test_an_export_never_holds_a_key(desk: Desk, tmp_path: Path) -> None:
    """What was exported is a sheet without keys that an import takes again; a file in its place is replaced whole."""
    issued = desk.issue(desk.customer(), WINDOWS, "mak").data
    for subject in ("products", "agreements", "purchases", "keys"):
        path = sheet(tmp_path / f"{subject}.csv", "what was there before")
        said = desk.run("export", "DIR", subject, path)
        with path.open(encoding="utf-8", newline="") as file:
            assert len(list(csv.DictReader(file))) == said.data["rows"] > 0
        assert issued["key"] not in path.read_text("utf-8")
        again = desk.run("import", "DIR", subject, path, "--apply")
        assert {row["result"] for row in again.data["rows"]} == {"unchanged"}
    assert issued["keyid"] in (tmp_path / "keys.csv").read_text("utf-8")


def test_keys_are_shown_to_people_once_they_exist(desk: Desk, tmp_path: Path) -> None:
    """A dry run shows which rows would issue a key; with --apply each key stands on a line of its own."""
    path = sheet(tmp_path / "k.csv", "licensing_id,product,kind", f"{desk.customer()},{WINDOWS},mak")
    dry = desk.run("import", "DIR", "keys", path, json=False)
    assert "would be: 1 added" in dry.out
    done = desk.run("import", "DIR", "keys", path, "--apply", json=False)
    key, told = done.out.splitlines()
    assert (key.count("-"), "line 2" in key, told) == (4, True, "applied: 1 added")


def test_wrong_words_are_wrong_usage(desk: Desk, tmp_path: Path) -> None:
    """A subject that is not exchanged, and a file that is not there, are wrong usage."""
    path = sheet(tmp_path / "x.csv", "a")
    assert desk.run("import", "DIR", "invoices", path).code == 2
    assert desk.run("import", "DIR", "keys", tmp_path / "none.csv").code == 2
    assert desk.run("export", "DIR", "keys", tmp_path).code == 2


def test_an_export_into_a_pipe_or_through_a_link_leaves_these_in_place(desk: Desk, tmp_path: Path) -> None:
    """A pipe such as /dev/stdout is written to and not replaced, and of a link the file that it leads to."""
    pipe, target, link, read = tmp_path / "pipe", tmp_path / "target.csv", tmp_path / "link.csv", list[str]()
    os.mkfifo(pipe)
    reader = Thread(target=lambda: read.append(pipe.read_text("utf-8")), daemon=True)
    reader.start()
    assert desk.run("export", "DIR", "products", pipe).code == 0
    reader.join(10)
    assert pipe.is_fifo()
    link.symlink_to(target)
    assert desk.run("export", "DIR", "products", link).code == 0
    assert (link.is_symlink(), target.read_text("utf-8")) == (True, read[0])
