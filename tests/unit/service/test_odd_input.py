"""What an operator can hand over by mistake, and what is said of it."""

from pathlib import Path

import pytest

from tests.unit.service.conftest import START, Office
from volact.errors import Refused
from volact.licensing.catalog import Catalog
from volact.service.config import Folder
from volact.service.opening import PASSPHRASE_FILE, Export, initialize, read_root_keys
from volact.service.ports import Act
from volact.service.usecases.founding import Founding
from volact.service.usecases.showing import key_sheet

ACT = Act("tester", START)


def test_what_is_no_text_is_wrong_usage(office: Office) -> None:
    """An id with bytes that are not UTF-8, as a command line may hand on, is wrong usage and no defect."""
    with pytest.raises(Refused) as caught:
        key_sheet(office.service, "\udcff")
    assert caught.value.code == "usage"


def test_a_passphrase_has_an_end(tmp_path: Path, reference: Catalog) -> None:
    """A passphrase that is longer than its cipher takes is wrong usage, and nothing is made."""
    founding = Founding("acme.example", "Acme")
    with pytest.raises(Refused) as caught:
        initialize(Folder(tmp_path / "s"), founding, catalog=reference, export=Export(None, "é" * 512), act=ACT)
    assert (caught.value.code, list(tmp_path.iterdir())) == ("usage", [])


def test_a_spoiled_passphrase_file_opens_nothing(tmp_path: Path, reference: Catalog) -> None:
    """A drawn passphrase whose file holds other bytes now is passphrase_wrong."""
    founding = Founding("acme.example", "Acme")
    made = initialize(Folder(tmp_path / "s"), founding, catalog=reference, export=Export(tmp_path / "k"), act=ACT)
    (made.export / PASSPHRASE_FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(Refused) as caught:
        read_root_keys(made.export, None)
    assert caught.value.code == "passphrase_wrong"
