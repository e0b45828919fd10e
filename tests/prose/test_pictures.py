"""The pictures of screens show what commands write now."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PICTURE = re.compile(r"!\[([^\]]*)\]\((pictures/[^)]+)\)")


def test_pictures_show_what_commands_write_now(root: Path, tmp_path: Path) -> None:
    """Drawn anew by the same commands, every picture of a screen is the one that is checked in, byte for byte."""
    command, env = [sys.executable, "-m", "pictures", str(tmp_path)], {**os.environ, "PYTHONPATH": str(root / "tools")}
    subprocess.run(command, cwd=root, env=env, check=True, timeout=240)
    drawn = {file.name: file.read_text("utf-8") for file in tmp_path.iterdir()}
    kept = {file.name: file.read_text("utf-8") for file in (root / "docs" / "pictures").iterdir()}
    assert drawn == kept, "draw them anew: PYTHONPATH=tools .venv/bin/python -m pictures"


def test_each_picture_is_small_said_in_words_and_whole(root: Path) -> None:
    """Each picture is shown on a page with words for whoever does not see it, is small, and fetches nothing."""
    shown = {
        place: words for page in (root / "docs").glob("*.md") for words, place in PICTURE.findall(page.read_text())
    }
    pictures = {f"pictures/{file.name}": file.read_text("utf-8") for file in (root / "docs" / "pictures").iterdir()}
    assert shown.keys() == pictures.keys()
    assert all(len(words) > 40 for words in shown.values())
    for text in pictures.values():
        assert len(text) < 24 * 1024
        assert not re.search(r"url\((?!#)|href|<image|@font-face|@import|<script", text)
