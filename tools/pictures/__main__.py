"""Draws every picture anew."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from pictures.scenes import ROOT, draw_all


def main() -> None:
    """Into the folder that is named, or docs/pictures."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        draw_all(Path(folder), out)


if __name__ == "__main__":
    main()
