"""The answer to a bundle, back to the computers of a folder: NAME.response beside NAME.request."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from volact.client.files import written
from volact.errors import Refusal, Refused
from volact.fleet.bundlefile import answers_of
from volact.fleet.requestfiles import RESPONSE, Tell, known_in
from volact.protocol.messages import encode
from volact.protocol.results import response


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a row here: written beside the request of that name, or refused, or of no request here."""

    digest: str
    name: str | None
    code: str | None


def import_answers(folder: Path, answers: Path, *, tell: Tell) -> list[Imported]:
    """Writes the response of each row that was granted; the same answer again writes the same.

    Refused rows touch nothing. Raises Refused (`bundle_damaged`; `answers_of_other_fleet` where no row belongs to a
    request in the folder), and then has written nothing; StorageFull, `home_not_writable`.
    """
    here = known_in(folder)
    names = here.names
    with answers.open("rb") as file, written(folder):
        known = [result.digest in names for result in answers_of(file)[1]]
        if known and not any(known):
            detail = f"no request in {folder} is one of the {len(known)} that {answers} answers"
            raise Refused(Refusal("answers_of_other_fleet", detail))
        documents, results = answers_of(file)
        done: list[Imported] = []
        for number, result in enumerate(results, 1):
            refused = result.refusal.code if result.refusal else None
            for name in names.get(result.digest, ()):
                if result.credential is not None:
                    _put(
                        folder / f"{name}{RESPONSE}",
                        encode(response(documents, result, to_host=result.digest in here.hosts)),
                    )
                done.append(Imported(result.digest, name, refused))
            if result.digest not in names:
                done.append(Imported(result.digest, None, "request_not_here"))
            tell(number, len(known))
        os.sync()
    return done


def _put(path: Path, data: bytes) -> None:
    """Replaces the file at once; whoever calls this brings it to the disk."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(data)
    fresh.replace(path)
