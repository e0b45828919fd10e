"""The form of a file of vectors: what it is about, what all its vectors are given, and the vectors."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Vector:
    """One case: its name, the clause that it proves, what goes in, and the value or the code that comes out."""

    name: str
    clause: str
    input: Mapping[str, Any]
    expected: Mapping[str, Any]


@dataclass(frozen=True)
class File:
    """One file of vectors."""

    name: str
    about: str
    vectors: tuple[Vector, ...]
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The file as it is committed: JSON, ASCII, one vector after the other."""
        entries = [vars(vector) for vector in self.vectors]
        return json.dumps({"about": self.about, "given": self.given, "vectors": entries}, indent=1) + "\n"


def value(said: Any) -> dict[str, Any]:
    """What comes out where all is well."""
    return {"value": said}


def code(name: str, **fields: Any) -> dict[str, Any]:
    """The stable code that comes out where it is not."""
    return {"code": name, **fields}


MALFORMED = code("request_malformed")
UNTRUSTED = code("answer_untrusted")
ROOT_UNTRUSTED = code("root_untrusted")
