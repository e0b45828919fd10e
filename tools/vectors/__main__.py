"""Writes every file of vectors/ anew, into the folder that is named or vectors/; a test proves that nothing changes."""

import sys
from pathlib import Path

from vectors import (
    answers,
    bundles,
    callsheets,
    codes,
    credentials,
    grants,
    keys,
    lists,
    log,
    requests,
    roots,
    telephone,
    telephonehosts,
    texts,
)
from vectors.form import File

FILES: tuple[File, ...] = (
    *texts.FILES,
    *keys.FILES,
    *codes.FILES,
    *requests.FILES,
    *roots.FILES,
    *lists.FILES,
    *credentials.FILES,
    *grants.FILES,
    *log.FILES,
    *telephone.FILES,
    *telephonehosts.FILES,
    *answers.FILES,
    *bundles.FILES,
    *callsheets.FILES,
)


def main() -> None:
    """Writes the files into the folder, vectors/ unless told otherwise."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "vectors"
    folder.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        (folder / f"{file.name}.json").write_text(file.text, "utf-8")


if __name__ == "__main__":
    main()
