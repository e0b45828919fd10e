"""What whoever calls for a computer needs: what to read out, and what the answer must be (spec P-11).

Unsigned and advice: it finds a confirmation that was misheard while the line is open. The computer judges for itself.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from volact.credential import strictjson
from volact.credential.fields import Publisher, Slug
from volact.credential.jws import CREDENTIAL_LIMIT
from volact.credential.productkey import GROUP_BITS
from volact.credential.request import ActivateRequest, SignedRequest
from volact.credential.root import Root
from volact.credential.telephone.confirmation import SLOTS, Role, Subject
from volact.credential.telephone.installation import InstallationId, read_installation_id
from volact.errors import Malformed, Refusal

Words = Annotated[str, msgspec.Meta(max_length=200)]


class SlotKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A telephone key as the root lists it."""

    slot: Annotated[int, msgspec.Meta(ge=0, lt=SLOTS)]
    jwk: dict[str, str]


class CalledCenter(msgspec.Struct, frozen=True):
    """Whom to call."""

    country: Words
    number: Words
    hours: Words


class CallSheet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One computer's call: for which product, what to read out in digits, by which keys it may be answered, and whom
    to call."""

    call: Literal[1] = 1
    publisher: Publisher
    product: Slug
    group: Annotated[int, msgspec.Meta(ge=0, lt=1 << GROUP_BITS)]
    installation: Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{56}\Z")]
    keys: tuple[SlotKey, ...]
    center: CalledCenter | None = None

    @property
    def installation_id(self) -> InstallationId:
        """What is read out; raises Malformed."""
        found = read_installation_id(self.installation)
        if isinstance(found, Refusal):
            raise Malformed(found.detail)
        return found

    @property
    def subject(self) -> Subject:
        """What a confirmation has to be about; raises Malformed."""
        return Subject(Role.COMPUTER, self.group, self.publisher, self.installation_id)

    def jwk(self, slot: int) -> dict[str, str] | None:
        """The telephone key in that slot."""
        return next((key.jwk for key in self.keys if key.slot == slot), None)


def telephone_keys(root: Root) -> tuple[SlotKey, ...]:
    """Every telephone key that a root lists, whatever its state, by its slot."""
    found = {slot: root.telephone(slot) for slot in range(SLOTS)}
    return tuple(SlotKey(slot, key.jwk) for slot, key in found.items() if key)


def read_call_sheet(data: bytes) -> CallSheet:
    """A call sheet, its installation ID with it; raises Malformed."""
    try:
        sheet = msgspec.convert(strictjson.loads(data, CREDENTIAL_LIMIT), CallSheet)
    except msgspec.ValidationError as err:
        raise Malformed(f"the call sheet's content does not fit: {err}") from err
    _ = sheet.installation_id
    return sheet


def check_belongs(sheet: CallSheet, signed: SignedRequest) -> None:
    """Promises that sheet and request are of one computer, key and product; raises Malformed."""
    asked, said = signed.request, sheet.installation_id
    if not isinstance(asked, ActivateRequest):
        raise Malformed("the request is not that of a computer with a key")
    if (asked.aud, asked.product, asked.keyid, asked.dev) != (sheet.publisher, sheet.product, said.keyid, said.dev):
        raise Malformed("the call sheet was written with another request")
