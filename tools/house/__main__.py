"""Runs every house rule over the tree: `python -m house [ROOT]`; exit 1 with one line a finding."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from house import places, proofs, prose, shape
from house.tree import Finding, Source, read_tree

RULES: tuple[Callable[[Source], Iterator[Finding]], ...] = (
    shape.file_size,
    shape.function_size,
    shape.parameters,
    shape.faces,
    shape.module_name,
    places.no_sleep,
    places.printing,
    places.sql,
    places.private_keys,
    places.no_elsewhere,
    proofs.sentence,
    proofs.no_patching,
    prose.fragment,
    prose.decision,
)


def findings(sources: list[Source]) -> list[Finding]:
    """What every rule finds in every source, in order of place."""
    paths = {source.path for source in sources}
    found = [finding for source in sources for rule in RULES for finding in rule(source)]
    found += [finding for source in sources for finding in prose.links(source, paths)]
    return sorted(found)


def main() -> int:
    """Prints the findings and says whether there are none."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd()
    found = findings(read_tree(root))
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
