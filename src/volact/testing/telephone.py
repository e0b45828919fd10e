"""An activation center in memory: it confirms installation IDs, and counts each computer of a key once.

    center = FakeCenter(publisher)
    confirmation = center.confirm("0458627 0278364 ...")              -> ConfirmationId
    center.confirm_host(host, last_month=24)                          the FakeHost shows a telephone certificate

Its telephone key is listed in a root version of its own; a computer needs a publisher file from afterwards.
"""

from __future__ import annotations

from hashlib import sha256

from volact.credential.root import RootKey
from volact.credential.telephone.certificate import TelephoneCertificate
from volact.credential.telephone.confirmation import (
    FOR_EVER,
    ConfirmationId,
    Header,
    Role,
    Subject,
    confirm,
    named_host,
)
from volact.credential.telephone.installation import make_installation_id, named_dev, read_installation_id
from volact.credential.telephone.keys import TelephoneSigner
from volact.errors import Refusal, Refused
from volact.licensing.allowance import exhausted
from volact.testing.clock import DAY
from volact.testing.host import FakeHost
from volact.testing.publisher import FakePublisher


class FakeCenter:
    """Whoever answers the telephone of a publisher."""

    def __init__(self, publisher: FakePublisher, *, slot: int = 0) -> None:
        self.publisher, self.slot = publisher, slot
        self.signer = TelephoneSigner(sha256(f"{publisher.id} telephone {slot}".encode()).digest())
        end = publisher.clock() + 4000 * DAY
        jwk = self.signer.public.jwk
        publisher.list_keys(RootKey(jwk=jwk, role="telephone", state="active", nbf=0, exp=end, slot=slot))

    def confirm_host(self, host: FakeHost, *, last_month: int) -> None:
        """Activates a host by telephone: from now on it shows a telephone certificate, and serves nobody by name."""
        asked = make_installation_id(host.key.proof_key, keyid=host.key.keyid, dev=named_dev(host.signer.public.kid))
        given = self.confirm(asked.qr, role=Role.HOST, last_month=last_month)
        number = self.publisher.catalog.product_groups[host.key.group].number
        host.id = named_host(Subject(Role.HOST, number, self.publisher.id, asked), given.header)
        host.organization = None
        host.certificate = TelephoneCertificate(host.signer.public, host.key.group, asked, given).text

    def confirm(self, text: str, *, role: Role = Role.COMPUTER, last_month: int = FOR_EVER) -> ConfirmationId:
        """Confirms a typed installation ID; raises Refused with what the trade says."""
        asked = read_installation_id(text)
        if isinstance(asked, Refusal):
            raise Refused(asked)
        key = self.publisher.keys.get(asked.keyid)
        if key is None or not asked.holds(key.proof_key):
            raise Refused(Refusal("key_unknown", "the key is not known"))
        if key.blocked:
            raise Refused(Refusal("key_blocked", "the key is blocked"))
        if key.kind != role.kind.word:
            raise Refused(Refusal("key_wrong_kind", f"this is a {key.kind} key"))
        if asked.dev not in key.confirmed and key.remaining < 1:
            raise Refused(exhausted(key.allowance, self.publisher.catalog.center_for(None)))
        key.confirmed.add(asked.dev)
        number = self.publisher.catalog.product_groups[key.group].number
        mask = (self.publisher.number() % 2**384).to_bytes(48, "big")
        subject = Subject(role, number, self.publisher.id, asked)
        return confirm(subject, Header(self.slot, last_month), signer=self.signer, mask=mask)
