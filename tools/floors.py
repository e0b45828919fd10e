"""Compares the branch coverage of each pure room, as just measured, with its floor in pyproject.toml."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path


def percent(room: str, files: dict[str, dict[str, dict[str, int]]]) -> float:
    """Lines and branches covered, of all there are in the room; 100 for a room with none."""
    sums = [entry["summary"] for path, entry in files.items() if f"volact/{room}/" in path]
    covered = sum(s["covered_lines"] + s["covered_branches"] for s in sums)
    total = sum(s["num_statements"] + s["num_branches"] for s in sums)
    return 100 * covered / total if total else 100.0


def main() -> int:
    """Prints each room beside its floor; 1 if one lies below."""
    floors = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["tool"]["volact"]["floors"]
    report = subprocess.run(
        [sys.executable, "-m", "coverage", "json", "-q", "-o", "-"], check=True, capture_output=True, text=True
    )
    files = json.loads(report.stdout)["files"]
    below = 0
    for room, floor in floors.items():
        reached = percent(room, files)
        below += reached < floor
        print(f"coverage of {room}: {reached:.1f} %, floor {floor} %{' - below its floor' if reached < floor else ''}")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
