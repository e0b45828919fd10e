"""Requests: what a computer or host signs with its own key when something is to change (spec C-8).

One flattened JWS is the whole request. The same object travels online, through a proxy bundle and on a memory
stick; its `rid` lets the same bytes be asked again without counting twice.
"""

from __future__ import annotations

import msgspec

from volact.credential import jws, strictjson
from volact.credential.encoding import digest
from volact.credential.fields import Dev, Hash, Identifier, KeyId, PlatformId, Publisher, Rid, Slug, Time, Via
from volact.credential.keys import PublicKey, Signer
from volact.credential.proof import ProofContext
from volact.errors import Malformed

REQUEST_TYP = "volact-request+jws"


class Asked(msgspec.Struct, frozen=True, kw_only=True, tag_field="op"):
    """What every request says."""

    aud: Publisher
    via: Via
    iat: Time
    rid: Rid
    dev: Dev
    mv: Hash


class ActivateRequest(Asked, frozen=True, kw_only=True, tag="activate"):
    """Asks the publisher to activate a product on this computer with a key."""

    keyid: KeyId
    proof: Hash
    product: Slug


class LeaseRequest(Asked, frozen=True, kw_only=True, tag="lease"):
    """Asks an activation host for a lease, the first one or the next."""

    product: Slug
    virtual: bool


class ReleaseRequest(Asked, frozen=True, kw_only=True, tag="release"):
    """Tells that an activation is not used any more."""

    jti: Identifier


class HostRequest(Asked, frozen=True, kw_only=True, omit_defaults=True, tag="host"):
    """Asks the publisher to activate a host for a host key, or (with a predecessor) to renew its certificate."""

    platform: PlatformId
    virtual: bool
    keyid: KeyId | None = None
    proof: Hash | None = None
    predecessor: Identifier | None = None


Request = ActivateRequest | LeaseRequest | ReleaseRequest | HostRequest
_DECODER = msgspec.json.Decoder(Request)


class SignedRequest(msgspec.Struct, frozen=True):
    """A request that was read; believed to come from `public` only after `check_signature`."""

    request: Request
    public: PublicKey
    digest: str
    token: jws.Unverified

    @property
    def jkt(self) -> str:
        """The thumbprint of the device key."""
        return self.public.kid

    @property
    def proof_context(self) -> ProofContext:
        """What the request's proof is bound to."""
        asked = self.request
        product = asked.product if isinstance(asked, ActivateRequest) else ""
        return ProofContext(jkt=self.jkt, aud=asked.aud, op=op_of(asked), rid=asked.rid, dev=asked.dev, product=product)

    def check_signature(self) -> None:
        """Promises that the device key signed the request; raises Malformed."""
        if self.token.header["alg"] != self.public.alg:
            raise Malformed("alg does not follow from the request's key")
        if not self.public.verify(self.token.signature, self.token.signing_input):
            raise Malformed("the request was altered, or not signed by the key that it names")


def op_of(request: Request) -> str:
    """The request's `op`."""
    return str(request.__struct_config__.tag)


def parse_request(data: bytes) -> SignedRequest:
    """Reads a signed request of at most 16 KiB without believing it; raises Malformed."""
    token = jws.parse_flattened(data, typ=REQUEST_TYP)
    public = PublicKey.from_jwk(token.header["jwk"])
    try:
        strictjson.loads(token.payload)  # refuses what the decoder, which is faster, would let pass
        request = _DECODER.decode(token.payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as err:
        raise Malformed(f"the request's content does not fit: {err}") from err
    _check(request)
    return SignedRequest(request, public, digest(token.payload), token)


def sign_request(request: Request, signer: Signer) -> bytes:
    """Signs the request with the device's key."""
    return jws.sign_flattened(msgspec.json.encode(request), typ=REQUEST_TYP, signer=signer)


def _check(request: Request) -> None:
    if isinstance(request, HostRequest):
        has_keyid, has_proof, has_predecessor = (
            value is not None for value in (request.keyid, request.proof, request.predecessor)
        )
        if has_keyid != has_proof or has_keyid == has_predecessor:
            raise Malformed("a host request has keyid and proof, or a predecessor")
