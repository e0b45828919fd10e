"""Whether a request's proof and signature hold: the two gates before anything of it reaches the record (spec C-8)."""

from __future__ import annotations

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from volact.credential.proof import proof_holds
from volact.credential.request import SignedRequest
from volact.errors import Malformed, Refused
from volact.service.admission.batch import unknown_key
from volact.service.ledger import admission
from volact.service.ledger.connection import translated
from volact.service.ports import Service

_MOST = 200_000  # about 40 MB of proof keys
_NOBODY = bytes(32)


class ProofKeys:
    """The proof keys of the keys on record, which never change: read and opened once, then held in memory."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: dict[str, bytes] = {}

    def check(self, signed: SignedRequest, keyid: str, *, proof: str) -> None:
        """Promises that the whole key was typed for this very request; raises Refused (`key_unknown`).

        An unknown key id and a wrong proof answer alike, in words and in work.
        """
        proof_key = self._known.get(keyid) or self._read(keyid)
        holds = proof_holds(proof, proof_key or _NOBODY, context=signed.proof_context)
        if proof_key is None or not holds:
            raise Refused(unknown_key())

    def _read(self, keyid: str) -> bytes | None:
        with translated(self._service.ledger):
            sealed = admission.sealed_proof_key(self._service.ledger, keyid)
        if sealed is None:
            return None
        if len(self._known) >= _MOST:
            self._known.pop(next(iter(self._known)))
        self._known[keyid] = self._service.vault.envelope.open(sealed, keyid)
        return self._known[keyid]


def check_signature(signed: SignedRequest) -> None:
    """Promises what `SignedRequest.check_signature` does, with libsodium where the key is its; raises Malformed."""
    if signed.public.alg != "Ed25519" or signed.token.header["alg"] != "Ed25519":
        signed.check_signature()
        return
    try:
        VerifyKey(signed.public.raw).verify(signed.token.signing_input, signed.token.signature)
    except (BadSignatureError, ValueError) as err:
        raise Malformed("the request was altered, or not signed by the key that it names") from err
