"""Every page of the service, as Django has them: for tests and measurements that go through all of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from volact.service.roles import Right

OPEN = {
    "",
    "account/settings/",
    "assets/accent/<str:color>.css",
    "invitation/<str:secret>",
}  # pages that ask for no right
_LIST = """
import json, sys
from pathlib import Path
from volact.service.config import Folder
from volact.service.opening import opened
from volact.service.pages.mailing import Mail
from volact.service.pages.settings import URLS, settle
with opened(Folder(Path(sys.argv[1]))) as service:
    settle(Folder(Path(sys.argv[1])), service, mail=Mail())
from django.urls import get_resolver
found = [(str(each.pattern), getattr(each.callback, "right", None)) for each in get_resolver(URLS).url_patterns
         if not hasattr(each, "url_patterns")]  # django-allauth's have no right
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Route:
    """An address with its open parts, and the right that its page asks for."""

    pattern: str
    right: Right

    def at(self, organization_id: str, part: str = "x") -> str:
        """The address in an organization, with something in its other parts."""
        told = self.pattern.replace("<str:organization_id>", organization_id)
        return "/" + re.sub(r"<(int|str):\w+>", lambda found: "1" if found[1] == "int" else part, told)

    @property
    def is_customers(self) -> bool:
        """Whether it is a page of the portal."""
        return self.pattern.startswith("portal/")

    @property
    def is_whole(self) -> bool:
        """Whether it is a page, not a file, and names no more than the organization."""
        return self.pattern.endswith("/") and "<" not in self.pattern.replace("<str:organization_id>", "")


def every_route(folder: Path) -> list[Route]:
    """Every page of ours; one that asks for no right has to be named in `OPEN`."""
    said = subprocess.run([sys.executable, "-c", _LIST, str(folder)], capture_output=True, text=True, check=True)
    found = [tuple(each) for each in json.loads(said.stdout)]
    if unknown := {pattern for pattern, right in found if right is None} - OPEN:
        raise AssertionError(f"pages that ask for no right: {', '.join(sorted(unknown))}")
    return [Route(pattern, Right(right)) for pattern, right in found if right is not None]
