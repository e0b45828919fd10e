"""Rules of the prose: links lead somewhere, changelog fragments and decisions have their form."""

import re
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath
from posixpath import normpath

from house.tree import Finding, Source

KINDS = ("added", "changed", "fixed", "removed", "security")
ADR_HEADINGS = ("## Context", "## Options", "## Outcome")
_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
_FRAGMENT = re.compile(rf"changelog\.d/[a-z0-9-]+\.(?:{'|'.join(KINDS)})\.md")


def links(source: Source, paths: Collection[str]) -> Iterator[Finding]:
    """A link between pages leads to a file or folder of the tree; `paths` is every path there is."""
    if not source.path.endswith(".md"):
        return
    for number, line in enumerate(source.lines, 1):
        for target in _LINK.findall(line):
            place = normpath(str(PurePosixPath(source.path).parent / target))
            exists = place in paths or any(path.startswith(f"{place}/") for path in paths)
            if ":" not in target and not exists:
                yield source.finding("links", f"{target} is not there", at=number)


def fragment(source: Source) -> Iterator[Finding]:
    """A changelog fragment is changelog.d/<topic>.<kind>.md and holds something."""
    if not source.inside("changelog.d") or source.path == "changelog.d/README.md":
        return
    if not _FRAGMENT.fullmatch(source.path):
        yield source.finding("fragment", f"name it <topic>.<kind>.md, kind one of {', '.join(KINDS)}")
    if not source.text.strip():
        yield source.finding("fragment", "says nothing")


def decision(source: Source) -> Iterator[Finding]:
    """A decision is docs/adr/NNNN-title.md with its context, options and outcome."""
    if not source.inside("docs/adr") or source.path == "docs/adr/README.md":
        return
    if not re.fullmatch(r"docs/adr/\d{4}-[a-z0-9-]+\.md", source.path):
        yield source.finding("decision", "name it NNNN-title.md")
    for heading in ADR_HEADINGS:
        if heading not in source.lines:
            yield source.finding("decision", f"lacks {heading}")
