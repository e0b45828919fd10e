"""Telephone certificates: what a host shows its computers that was activated by telephone (spec C-14).

The host key's product group, the host's public key, its installation ID and the confirmation are all: the rest is
known, or it does not hold. Nothing here needs the extra `phone`, and nothing is believed here.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from volact.credential import strictjson
from volact.credential.fields import Slug
from volact.credential.keys import PublicKey
from volact.credential.telephone.confirmation import ConfirmationId, Header, read_confirmation_id
from volact.credential.telephone.installation import InstallationId, named_dev, read_installation_id
from volact.errors import Malformed


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The members, all of them and no others: no signature covers a further one."""

    jwk: dict[str, str]
    group: Slug
    iid: str
    cid: str


@dataclass(frozen=True, slots=True)
class TelephoneCertificate:
    """A telephone certificate that was read; `group` is the host key's product group."""

    key: PublicKey
    group: str
    installation: InstallationId
    confirmation: ConfirmationId

    @property
    def header(self) -> Header:
        """By which key it is signed, and its last month."""
        return self.confirmation.header

    @property
    def text(self) -> str:
        """The certificate as it travels: JSON, both IDs as their digits without spaces."""
        said = _Written(dict(self.key.jwk), self.group, self.installation.qr, self.confirmation.qr)
        return msgspec.json.encode(said).decode()


def is_telephone_certificate(text: str) -> bool:
    """Whether a host's certificate is one by telephone, if it is any: the other kind is three parts with two dots."""
    return text.startswith("{")


def parse_telephone_certificate(text: str) -> TelephoneCertificate:
    """Reads a telephone certificate without believing it; raises Malformed.

    Its installation ID is that of its key, and both IDs are written in their one way.
    """
    try:
        said = msgspec.convert(strictjson.loads(text), _Written)
    except msgspec.ValidationError as err:
        raise Malformed(f"the telephone certificate's content does not fit: {err}") from err
    key = PublicKey.from_jwk(said.jwk)
    installation, confirmation = read_installation_id(said.iid), read_confirmation_id(said.cid)
    if not isinstance(installation, InstallationId) or not isinstance(confirmation, ConfirmationId):
        raise Malformed("a code in the telephone certificate is none")
    if (installation.qr, confirmation.qr) != (said.iid, said.cid):
        raise Malformed("a code in the telephone certificate is not written as its digits")
    if installation.dev != named_dev(key.kid):
        raise Malformed("the telephone certificate's installation ID is that of another key")
    return TelephoneCertificate(key, said.group, installation, confirmation)
