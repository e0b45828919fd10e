from __future__ import annotations

import resource
import stat
import subprocess
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from tests.cli.service.conftest import Desk, copied
from tests.cli.service.test_thread import KEY
from tests.support.commands import VOLACT, Said
from tests.support.service import Place, read
from volact.credential.claims import SetupGrant
from volact.credential.proof import proof_hash

XP, ON_MEDIA = "windows-xp-professional", "sbs-2008-standard"
SHARED = 32_768  # bytes: of the index beside the log of SQLite, which has to fit for anything to begin


@pytest.fixture(scope="module")
def shop(first_desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, str]:
    """A service, and an agreement that bought what is opened by setup keys and by keys of preinstalled products."""
    bought = (XP, ON_MEDIA, "windows-7-professional")
    options = [word for product in bought for word in ("--licenses", f"{product}=3")]
    desk = copied(first_desk, tmp_path_factory.mktemp("shop"))
    return desk, desk.customer("--program", "open-license", *options)


def media(shop: tuple[Desk, str], folder: Path, *options: str, product: str = XP, json: bool = True) -> Said:
    """Makes media."""
    desk, licensing_id = shop
    words = ("media", "DIR", folder, "--licensing-id", licensing_id, "--product", product)
    return desk.run(*words, *options, json=json)


def grant_in(shop: tuple[Desk, str], folder: Path, *, product: str = XP) -> SetupGrant:
    """The grant on the media, as a client believes it."""
    return Place(shop[0].folder, "acme.example").trust.grant((folder / f"{product}.grant").read_text())


def key_in(file: Path) -> str:
    """The one key that a sleeve shows."""
    (found,) = KEY.finditer(file.read_text())
    return found[0]


def told(shop: tuple[Desk, str], keyid: str) -> list[str]:
    """What the key's history says happened."""
    return [line["what"] for line in shop[0].run("key", "show", "DIR", keyid).data["history"]]


def test_f02_service_media_hold_grant_publisher_file_and_sleeve(shop: tuple[Desk, str], tmp_path: Path) -> None:
    """Media hold the publisher file, the grant of the product and a sleeve, whose key the grant lists."""
    folder = tmp_path / "media"
    said = media(shop, folder)
    files = ["publisher.volact", "sleeve.pdf", "sleeve.txt", f"{XP}.grant"]
    assert sorted(path.name for path in folder.iterdir()) == files
    key, grant = key_in(folder / "sleeve.txt"), grant_in(shop, folder)
    held = read(key, "acme.example")
    assert (held.product.kind.word, held.keyid) == ("setup", said.data["keyid"])
    assert proof_hash(held.derived.proof_key) in grant.keys
    assert (said.data["grant"], said.data["product"]) == (grant.jti, XP)
    assert key not in said.out
    assert [path.name for path in tmp_path.iterdir()] == ["media"]


def test_f03_service_media_are_recorded_as_sleeve_or_download(shop: tuple[Desk, str], tmp_path: Path) -> None:
    """A download has a note to write the key down in place of the sleeve, and the key's history tells both apart."""
    sleeve, download = tmp_path / "sleeve", tmp_path / "download"
    download.mkdir()
    keyid = media(shop, sleeve).data["keyid"]
    assert media(shop, download, "--download").data["keyid"] == keyid
    assert sorted(path.name for path in download.iterdir()) == ["key.pdf", "key.txt", "publisher.volact", f"{XP}.grant"]
    assert "rite this key down" in (download / "key.txt").read_text()
    assert (download / f"{XP}.grant").read_bytes() == (sleeve / f"{XP}.grant").read_bytes()
    first, second = told(shop, keyid)[-2:]
    assert first.startswith("delivered on media")
    assert second.startswith("delivered as a download")


def test_f03_sleeve_is_printed_with_the_key_as_text_and_as_a_code(shop: tuple[Desk, str], tmp_path: Path) -> None:
    """The page to be printed says the same as the text, and a camera reads the key from its QR code."""
    media(shop, tmp_path / "media")
    text, page = tmp_path / "media" / "sleeve.txt", pypdfium2.PdfDocument(tmp_path / "media" / "sleeve.pdf")
    assert len(page) == 1
    printed = "".join(page[0].get_textpage().get_text_range().split())
    assert "".join(key_in(text).split()) in printed
    assert "".join(text.read_text().splitlines()[0].split()) in printed
    (code,) = zxingcpp.read_barcodes(page[0].render(scale=3).to_pil())
    assert code.text == key_in(text)


def test_only_the_sleeve_is_for_its_owner_alone(shop: tuple[Desk, str], tmp_path: Path) -> None:
    """Publisher file and grant may be read by everybody, the file with the key by its owner only."""
    folder = tmp_path / "media"
    media(shop, folder)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"publisher.volact": 0o644, f"{XP}.grant": 0o644, "sleeve.txt": 0o600, "sleeve.pdf": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_f46_service_media_for_preinstalled_products(shop: tuple[Desk, str], tmp_path: Path) -> None:
    """Media for preinstalled products hold a grant and a key of that kind, and say which channel to install."""
    said = media(shop, tmp_path / "oem", "--oem", product="windows-7-professional")
    grant = grant_in(shop, tmp_path / "oem", product="windows-7-professional")
    assert (said.data["kind"], grant.kind) == ("oem", "oem")
    assert "--channel oem" in (tmp_path / "oem" / "sleeve.txt").read_text()
    assert media(shop, tmp_path / "no", product="windows-7-professional").refused == "kind_not_offered"
    assert not (tmp_path / "no").exists()


def test_f40_service_media_are_where_the_key_lies(shop: tuple[Desk, str], tmp_path: Path) -> None:
    """The key of a product whose key lies on the media is printed there, and neither issued nor told elsewhere."""
    folder, (desk, licensing_id) = tmp_path / "media", shop
    keyid = media(shop, folder, product=ON_MEDIA).data["keyid"]
    assert read(key_in(folder / "sleeve.txt"), "acme.example").keyid == keyid
    assert desk.issue(licensing_id, ON_MEDIA, "setup").refused == "kind_not_offered"
    words = ("--licensing-id", licensing_id, "--product", ON_MEDIA)
    act = desk.run("center", "setup-key", "DIR", *words, "--caller", "K", "--proof", "P", "--reason", "R")
    assert act.refused == "kind_not_offered"


def test_folder_that_holds_something_is_left_alone(shop: tuple[Desk, str], tmp_path: Path) -> None:
    """A folder that is not empty, a file, and a place that is not there are refused, and nothing is delivered."""
    keyid = media(shop, tmp_path / "first").data["keyid"]
    before = told(shop, keyid)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    assert media(shop, tmp_path / "full").error == "usage"
    assert media(shop, tmp_path / "file").error == "usage"
    assert media(shop, tmp_path / "nowhere" / "media").refused == "not_permitted"
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "first", "full"]
    assert told(shop, keyid) == before


def test_full_disk_leaves_no_media(shop: tuple[Desk, str], tmp_path: Path) -> None:
    """Media that cannot be written are storage_full; nothing half written is left, and nothing is delivered."""
    desk, licensing_id = shop
    keyid = media(shop, tmp_path / "first").data["keyid"]
    before = told(shop, keyid)
    larger = max(path.stat().st_size for path in (tmp_path / "first").iterdir())
    disk = tmp_path / "disk"
    disk.mkdir()
    words = [VOLACT, "service", "media", desk.folder, disk / "media", "--licensing-id", licensing_id, "--product", XP]
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={larger // 2}", "none", disk], check=False).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        done = subprocess.run([*words, "--json"], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, '"storage_full"' in done.stdout) == (1, True), done
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", disk], check=True)
    assert told(shop, keyid) == before


def test_full_record_makes_no_media(desk: Desk, tmp_path: Path) -> None:
    """Media whose grant cannot be put on record are storage_full, and no folder and no key is left."""
    licensing_id = desk.customer("--program", "open-license", "--licenses", f"{XP}=3")
    words = ["service", "media", desk.folder, tmp_path / "media", "--licensing-id", licensing_id, "--product", XP]
    done = subprocess.run(
        [VOLACT, *words, "--json"],
        capture_output=True, text=True, timeout=60, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (SHARED, SHARED)),
    )  # fmt: skip
    assert (done.returncode, '"storage_full"' in done.stdout, KEY.search(done.stdout)) == (1, True, None), done
    assert not (tmp_path / "media").exists()
    assert desk.run("agreement", "show", "DIR", licensing_id).data["keys"] == []


def test_people_are_told_what_lies_where(shop: tuple[Desk, str], tmp_path: Path) -> None:
    """For people the command names the files and warns of the one with the key, without showing the key."""
    said = media(shop, tmp_path / "media", json=False)
    assert "sleeve.txt" in said.out
    assert KEY.search(said.out) is None


def test_media_go_through_a_link_to_an_empty_folder(shop: tuple[Desk, str], tmp_path: Path) -> None:
    """A link to an empty folder, or to one that is to be made, is filled where it leads."""
    (tmp_path / "empty").mkdir()
    for name in ("empty", "absent"):
        link = tmp_path / f"to-{name}"
        link.symlink_to(name)
        assert media(shop, link).code == 0
        assert link.is_symlink()
        assert (tmp_path / name / "sleeve.txt").is_file()


def test_folder_that_cannot_be_replaced_gets_no_media(shop: tuple[Desk, str], tmp_path: Path) -> None:
    """The folder that the command runs in is refused before anything is made, and no delivery is recorded."""
    keyid = media(shop, tmp_path / "first").data["keyid"]
    before, here = told(shop, keyid), tmp_path / "here"
    here.mkdir()
    desk, licensing_id = shop
    words = ("service", "media", desk.folder, ".", "--licensing-id", licensing_id, "--product", XP, "--json")
    done = subprocess.run([VOLACT, *map(str, words)], cwd=here, capture_output=True, check=False)
    assert (done.returncode, b"usage" in done.stdout) == (2, True)
    assert told(shop, keyid) == before
