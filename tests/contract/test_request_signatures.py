"""The host's fast check of signatures gives the verdicts of the pure one (spec C-8)."""

from __future__ import annotations

import json
import os

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from tests.support.computer import Asker
from tests.support.publisher import NOW
from volact.credential import strictjson
from volact.credential.encoding import b64, unb64
from volact.credential.keys import SoftwareSigner
from volact.credential.request import parse_request
from volact.errors import Malformed
from volact.host.vault import SodiumSigner, check_signature

ORDER = 2**252 + 27742317777372353535851937790883648493


def verdicts(body: bytes) -> tuple[bool, bool]:
    """Whether each check believes the request."""
    return _holds(lambda: check_signature(parse_request(body))), _holds(lambda: parse_request(body).check_signature())


@given(st.integers(0, 63), st.integers(1, 255))
def test_altered_signatures(place: int, change: int) -> None:
    """A signature with any byte altered is refused by both."""
    body = json.loads(Asker("a").ask("p", NOW))
    raw = bytearray(unb64(body["signature"]))
    raw[place] ^= change
    assert verdicts(json.dumps(body | {"signature": b64(bytes(raw))}).encode()) == (False, False)


@pytest.mark.parametrize("size", [0, 32, 63, 65, 128])
def test_signatures_of_another_length(size: int) -> None:
    """A signature that is not 64 bytes long is refused by both."""
    body = json.loads(Asker("a").ask("p", NOW)) | {"signature": b64(bytes(size))}
    assert verdicts(json.dumps(body).encode()) == (False, False)


def test_good_and_malleable_signatures() -> None:
    """A good signature is believed by both, and the same one with its second half raised by the order by neither."""
    body = json.loads(Asker("a").ask("p", NOW))
    assert verdicts(json.dumps(body).encode()) == (True, True)
    raw = unb64(body["signature"])
    raised = int.from_bytes(raw[32:], "little") + ORDER
    altered = raw[:32] + raised.to_bytes(32, "little")
    assert verdicts(json.dumps(body | {"signature": b64(altered)}).encode()) == (False, False)


@pytest.mark.parametrize("alg", ["ES256", "Ed25519"])
def test_es256(alg: str) -> None:
    """A P-256 key's signature is believed by both, and by neither under the other algorithm's name."""
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    jwk = {
        "crv": "P-256",
        "kty": "EC",
        "x": b64(numbers.x.to_bytes(32, "big")),
        "y": b64(numbers.y.to_bytes(32, "big")),
    }
    said = json.loads(Asker("a").ask("p", NOW))
    protected = b64(strictjson.dumps({"alg": alg, "jwk": jwk, "typ": "volact-request+jws"}))
    der = key.sign(f"{protected}.{said['payload']}".encode(), ec.ECDSA(hashes.SHA256()))
    raw = b"".join(half.to_bytes(32, "big") for half in decode_dss_signature(der))
    body = json.dumps({"protected": protected, "payload": said["payload"], "signature": b64(raw)}).encode()
    assert verdicts(body) == ((True, True) if alg == "ES256" else (False, False))


def test_both_signers_give_the_same_bytes() -> None:
    """The host's signer gives the bytes of the pure one."""
    seed, message = os.urandom(32), os.urandom(500)
    one, other = SodiumSigner(seed), SoftwareSigner(seed)
    assert (one.public, one.sign(message)) == (other.public, other.sign(message))


def _holds(check: object) -> bool:
    assert callable(check)
    try:
        check()
    except Malformed:
        return False
    return True
