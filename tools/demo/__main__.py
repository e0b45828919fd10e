"""scripts/demo [--json] [--keep]: live progress, a summary, and exit code 0 if everything went as it must."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from stage import Failed

from demo.story import Story


def main(words: list[str]) -> int:
    """Runs the story once."""
    if unknown := [word for word in words if word not in ("--json", "--keep")]:
        sys.stderr.write(f"error: unknown {' '.join(unknown)}\nhint:  scripts/demo [--json] [--keep]\n")
        return 2
    as_json, keep = "--json" in words, "--keep" in words
    console = Console(stderr=as_json, highlight=False)
    story = Story(Path(tempfile.mkdtemp(prefix="volact-demo-")), lambda text: console.print(text))
    try:
        story.run()
    except Failed as err:
        console.print(f"failed: {err}")
        return 1
    finally:
        story.end(keep=keep)
        if not keep:
            shutil.rmtree(story.folder, ignore_errors=True)
    if keep and story.host and story.publisher:
        story.summary["urls"] = {"service": story.publisher.server.url, "host": story.host.server.url}
        story.summary["processes"] = [story.publisher.server.process.pid, story.host.server.process.pid]
    if as_json:
        sys.stdout.write(json.dumps(story.summary) + "\n")
    else:
        _show(console, story.summary)
    return 0


def _told(asked: dict[str, Any]) -> str:
    return f"{len(asked['refused'])}, then computer {asked['activated_as_computer']} activated"


def _show(console: Console, summary: dict[str, Any]) -> None:
    servers, clients, mak = summary["servers"], summary["clients"], summary["mak"]
    table = Table("what", "seen", box=None, title="Summary", title_justify="left")
    table.add_row("servers refused before the threshold", _told(servers))
    table.add_row("clients refused before the threshold", _told(clients))
    table.add_row("computers licensed by the host", f"{summary['licensed']} of {summary['host_count']} counted")
    table.add_row("count before and after SIGKILL", "{count_before}, {count_after}".format(**summary["killed"]))
    table.add_row(
        "activations of the MAK of 10", f"{mak['used']} used, {mak['remaining']} left, then {mak['refused_code']}"
    )
    table.add_row(
        "clock 200 days ahead, set back", f"{summary['clock']['ahead_200_days'][0]}, {summary['clock']['set_back']}"
    )
    table.add_row("time", f"{summary['seconds']} s")
    console.print()
    console.print(table)
    for name, url in summary.get("urls", {}).items():
        console.print(f"{name} goes on at {url}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
