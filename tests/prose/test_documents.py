"""The pages hang together: clauses that are cited, and indexes that list everything."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
CITED = re.compile(r"(?<![\w-])[CDHPS]-\d{1,2}(?:\.\d+)?(?![\w-])")
CLAUSE = re.compile(r"^(?:## |\*\*)([CDHPS]-\d+(?:\.\d+)?)\b", re.MULTILINE)


def test_a_cited_clause_stands_in_the_specification() -> None:
    """Whatever clause a file of the tree cites stands in the specification, once under its number."""
    found = [clause for page in sorted((DOCS / "spec").glob("*.md")) for clause in CLAUSE.findall(page.read_text())]
    clauses = set(found)
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    files = [ROOT / name for name in listed if name.endswith((".py", ".md", ".json", ".toml"))]
    unknown = {
        f"{file.relative_to(ROOT)}: {cited}"
        for file in files
        if file.exists()
        for cited in CITED.findall(file.read_text("utf-8"))
        if cited not in clauses
    }
    assert unknown == set()
    assert len(clauses) > 50


@pytest.mark.parametrize("folder", [DOCS, DOCS / "adr"], ids=["docs", "adr"])
def test_an_index_lists_every_page(folder: Path) -> None:
    """The index of a folder of pages links every page in it, and those of docs the specification too."""
    index = (folder / "README.md").read_text("utf-8")
    pages = [*folder.glob("*.md"), *(DOCS / "spec").glob("*.md")] if folder == DOCS else list(folder.glob("*.md"))
    missing = [page.name for page in pages if page.name != "README.md" and f"{page.name})" not in index]
    assert missing == []
