"""The rules that import-linter and ruff check for us, each proved by a violation planted in a copy of the tree."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOFTWARE = Path(sys.executable).parent


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """A copy of the tree's own code and settings, to be spoiled."""
    shutil.copytree(root / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def plant(copy: Path, file: str, text: str) -> None:
    """Adds text to a file of the copy, which it makes if need be."""
    path = copy / "src/volact" / file
    path.write_text((path.read_text("utf-8") if path.exists() else "") + text, "utf-8")


def lint_imports(copy: Path) -> subprocess.CompletedProcess[str]:
    """Checks the import contracts of the copy, not of the tree that is installed."""
    code = "import sys; sys.path.insert(0, 'src'); from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache"], cwd=copy, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("file", "text", "contract"),
    [
        ("licensing/planted.py", "import volact.protocol\n", "Rooms are stacked"),
        ("credential/planted.py", "import volact.licensing\n", "Rooms are stacked"),
        ("host/planted.py", "import volact.service\n", "Rooms are stacked"),
        ("web/planted.py", "import volact.serving\n", "Rooms are stacked"),
        ("cli/planted.py", "import volact.testing\n", "Rooms are stacked"),
        ("cupboard.py", "", "Rooms are stacked"),
        ("credential/planted.py", "import os\n", "The pure rooms touch nothing"),
        ("licensing/planted.py", "from pathlib import Path\n", "The pure rooms touch nothing"),
        ("protocol/planted.py", "import threading\n", "The pure rooms touch nothing"),
        ("errors.py", "import sqlite3\n", "The pure rooms touch nothing"),
        ("__init__.py", "import volact.host\n", "The SDK's face"),
        ("client/planted.py", "import volact.web\n", "The look is for pages"),
    ],
)
def test_an_import_out_of_order_is_reported(copy, file, text, contract):
    """An import that goes up, across or out of a pure room breaks its contract."""
    plant(copy, file, text)
    done = lint_imports(copy)
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    assert done.returncode == 1, done.stdout + done.stderr
    assert any(line.startswith(contract) for line in broken), done.stdout


def test_an_import_by_a_detour_is_reported(copy):
    """A pure room that reaches a forbidden module through another module breaks the contract."""
    plant(copy, "credential/planted.py", "import volact.errors\n")
    plant(copy, "errors.py", "import subprocess\n")
    assert re.search(
        r"volact\.(credential|licensing|protocol)\.\w+ -> volact\.errors .*\s+volact\.errors -> subprocess",
        lint_imports(copy).stdout,
    )


def banned(copy: Path, room: str, text: str) -> bool:
    """Whether ruff bans the text in a room of the copy."""
    plant(copy, f"{room}/planted.py", f'"""Planted."""\n\n{text}\n')
    command = [SOFTWARE / "ruff", "check", "--no-cache", "--select", "TID251", "src"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    return done.returncode == 1 and "TID251" in done.stdout


@pytest.mark.parametrize("room", ["credential", "licensing", "protocol"])
@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "from time import time",
        "import datetime\n\nX = datetime.datetime.now()",
        "from datetime import datetime\n\nX = datetime.utcnow()",
        "from datetime import date\n\nX = date.today()",
        "import random",
        "from secrets import token_bytes",
        "import os\n\nX = os.urandom(8)",
        "from uuid import uuid4",
        "from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as K\n\nX = K.generate()",
    ],
)
def test_clock_and_randomness_are_banned_in_the_pure_rooms(copy, room, text):
    """A pure room reads neither the clock nor randomness."""
    assert banned(copy, room, text)


def test_clock_and_randomness_are_allowed_outside_the_pure_rooms(copy):
    """The rooms that face the world read the clock and randomness, and hand them down."""
    assert not banned(copy, "client", "import time\nfrom secrets import token_bytes")


def test_the_import_of_volact_is_light():
    """The import of volact brings neither the command line nor a server, a database or a network library with it."""
    heavy = ["httpx", "typer", "rich", "uvicorn", "sqlite3", "nacl", "asyncio", "jinja2"]
    code = f"import sys, volact; print(*sorted(set({heavy}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
