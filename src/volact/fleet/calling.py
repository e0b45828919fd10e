"""Calling for the computers of a folder: each one's call sheet, the groups heard so far, and the confirmation as its
response.

Everything is on disk as soon as it is known, so that a call that breaks off is gone on with where it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from volact.client.files import remove, write_lines
from volact.client.telephone import is_text_of_ids, read_ids, text_of_ids
from volact.credential.request import parse_request
from volact.credential.telephone.confirmation import FORMS, ConfirmationId
from volact.errors import Malformed, Refusal, Refused, VolactError
from volact.fleet.requestfiles import RESPONSE, SUFFIX, bytes_of, names_in
from volact.protocol.callsheets import CallSheet, check_belongs, read_call_sheet

SHEET = ".call"
HEARD = ".call.partial"


@dataclass(frozen=True, slots=True)
class Computer:
    """A computer by its request: its call sheet, or why nobody can call for it."""

    folder: Path
    name: str
    sheet: CallSheet | None = None
    refusal: Refusal | None = None

    def is_answered(self, now: int) -> bool:
        """Whether its response lies there: that of a bundle, or a confirmation that holds at `now` (seconds)."""
        data = _read(self._file(RESPONSE))
        if data is None or self.sheet is None or not is_text_of_ids(data):
            return data is not None and data.startswith(b"{")
        try:
            said, typed = read_ids(data.decode("utf-8", "replace"))
        except VolactError:
            return False
        found = _heard(self.sheet, typed, now=now)
        return said == self.sheet.installation_id and isinstance(found, ConfirmationId)

    def confirm(self, text: str, *, now: int) -> Refusal | None:
        """Writes its response, if the confirmation ID is that of this computer at `now` (seconds); on disk then.

        Refuses with `confirmation_mistyped` or `confirmation_invalid`, and raises StorageFull, `home_not_writable`.
        """
        assert self.sheet is not None
        found = _heard(self.sheet, text, now=now)
        if isinstance(found, Refusal):
            return found
        both = text_of_ids(" ".join(self.sheet.installation_id.groups), " ".join(found.groups))
        write_lines(self._file(RESPONSE), [both.encode()])
        self.keep([])
        return None

    def take_back(self) -> None:
        """Removes its response, so that it is called for again; raises `home_not_writable`."""
        remove(self._file(RESPONSE))

    def keep(self, groups: Sequence[str]) -> None:
        """Puts the groups that were heard so far on disk; raises StorageFull, `home_not_writable`."""
        if groups:
            write_lines(self._file(HEARD), [" ".join(groups).encode() + b"\n"])
        else:
            remove(self._file(HEARD))

    def heard(self) -> list[str]:
        """The groups that were heard before the last call broke off; none where they do not fit any more."""
        text = (_read(self._file(HEARD)) or b"").decode("utf-8", "replace")
        groups = text.split()
        form = FORMS.keyboard if groups and len(groups[0]) == FORMS.keyboard.size else FORMS.digits
        fitting = [form.check_group(index, group) == group for index, group in enumerate(groups[: form.groups])]
        return groups if len(groups) < form.groups and all(fitting) else []

    def _file(self, suffix: str) -> Path:
        return self.folder / f"{self.name}{suffix}"


def computers_of(folder: Path) -> Iterator[Computer]:
    """The computers of a folder by the names of their requests; raises Refused (`usage`) for no folder."""
    for name in names_in(folder):
        try:
            yield Computer(folder, name, _sheet(folder, name))
        except Refused as err:
            yield Computer(folder, name, refusal=err.refusal)


def _heard(sheet: CallSheet, text: str, *, now: int) -> ConfirmationId | Refusal:
    from volact.protocol.confirming import heard_confirmation  # needs the extra

    return heard_confirmation(sheet, text, now=now)


def _sheet(folder: Path, name: str) -> CallSheet:
    request, data = _read(folder / f"{name}{SUFFIX}"), _read(folder / f"{name}{SHEET}")
    if data is None:
        raise Refused(Refusal("call_sheet_unfit", f"there is no {name}{SHEET}"))
    try:
        sheet = read_call_sheet(data)
        check_belongs(sheet, parse_request(request or b""))
    except Malformed as err:
        raise Refused(Refusal("call_sheet_unfit", f"{name}{SHEET}: {err.detail}")) from err
    return sheet


def _read(path: Path) -> bytes | None:
    """As much of a file as a request, a call sheet or a confirmation may have, None where it cannot be read."""
    try:
        return bytes_of(path)
    except OSError:
        return None
