"""Vectors of C-5 and P-4: activations, host certificates and leases, believed or not, revoked or not."""

import json
from typing import Any

import msgspec

from vectors import cast
from vectors.cast import (
    DAY,
    DEVICE,
    HOST,
    ISSUING,
    MV,
    ORGANIZATION,
    PUBLISHER,
    T0,
    as_json,
    device_confirmation,
    host_confirmation,
    identifier,
    keyid,
    publisher_file,
    rid,
    root,
)
from vectors.form import MALFORMED, UNTRUSTED, File, Vector, value
from vectors.lists import GIVEN
from volact.credential import jws
from volact.credential.claims import TYPS, Activation, HostCertificate, Lease, encode
from volact.credential.encoding import b64
from volact.credential.lists import RevokedActivation, RevokedHost, RevokedKey
from volact.credential.publisher import write_publisher_file
from volact.credential.root import sign_root

replace = msgspec.structs.replace
ACTIVATION = Activation(
    iss=PUBLISHER, jti=identifier("activation"), iat=T0 + 5 * DAY, keyid=keyid("key"), kind="mak", group="editor",
    product="editor-1", dev=cast.COMPUTER, mv=MV, cnf=device_confirmation(), rid=rid("request"),
    organization=ORGANIZATION,
)  # fmt: skip
CERTIFICATE = HostCertificate(
    iss=PUBLISHER, jti=identifier("certificate"), iat=T0 + 5 * DAY, exp=T0 + 185 * DAY, host=cast.HOST_ID,
    cnf=host_confirmation(), dev=cast.dev("host"), keyid=keyid("host key"), group="editor", groups=("editor",),
    organization=ORGANIZATION, max_lease=180 * DAY, predecessor=None, rev_min=5, rid=rid("host request"),
)  # fmt: skip
LEASE = Lease(
    iss=cast.HOST_ID, aud=PUBLISHER, jti=identifier("lease"), iat=T0 + 6 * DAY, exp=T0 + 186 * DAY,
    dev=cast.COMPUTER, mv=MV, cnf=device_confirmation(), rid=rid("request"), product="editor-1", group="editor",
    organization=ORGANIZATION, renew=7 * DAY,
)  # fmt: skip


def sign(said: Any, signer: Any = None) -> str:
    """A credential; leases by the host, all else by the issuing key, unless told otherwise."""
    by = signer or (HOST if isinstance(said, Lease) else ISSUING)
    return jws.sign_compact(encode(said), typ=TYPS[type(said)], signer=by)


def raw(said: Any, typ: str, *, signer: Any = ISSUING) -> str:
    """A credential that says anything at all."""
    return jws.sign_compact(json.dumps(said).encode(), typ=typ, signer=signer)


def believed(said: Any) -> Any:
    """The claims of a credential that is believed."""
    return value(as_json(said))


def _activations() -> tuple[Vector, ...]:
    said, typ = as_json(ACTIVATION), "volact-activation+jwt"
    trial = replace(ACTIVATION, kind="trial", exp=T0 + 35 * DAY, organization=None)
    later = {**said, "cnf": {**said["cnf"], "later": 1}, "later": [1]}
    wrong: dict[str, list[Any]] = {
        "iat": [-1, 2**40 + 1, True, 1.5],
        "exp": [-1, "never"],
        "jti": [said["jti"] + "\n", said["jti"].lower()],
        "cnf": [{}, {"jkt": DEVICE.public.kid + "\n"}, {"jkt": "short"}, None],
        "kind": ["", 1],
        "organization": [{"id": "o"}, "Contoso"],
    }
    cases: list[tuple[str, str, Any]] = [
        ("an activation", sign(ACTIVATION), believed(ACTIVATION)),
        ("a trial", sign(trial), believed(trial)),
        ("members of a later version", raw(later, typ), believed(ACTIVATION)),
        ("on the first second of its key", sign(replace(ACTIVATION, iat=T0)), believed(replace(ACTIVATION, iat=T0))),
        ("a second before its key", sign(replace(ACTIVATION, iat=T0 - 1)), UNTRUSTED),
        ("a second after its key", sign(replace(ACTIVATION, iat=T0 + cast.YEAR + 1)), UNTRUSTED),
        ("by the catalog's key", sign(ACTIVATION, cast.CATALOG), UNTRUSTED),
        ("by a root key", sign(ACTIVATION, cast.ROOT_1), UNTRUSTED),
        ("by the device", sign(ACTIVATION, DEVICE), UNTRUSTED),
        ("of another publisher", sign(replace(ACTIVATION, iss="other.example")), UNTRUSTED),
        ("altered", _altered(sign(ACTIVATION)), UNTRUSTED),
        ("a certificate for an activation", sign(CERTIFICATE), MALFORMED),
        ("not a token", "a.b.c", MALFORMED),
    ]
    cases += [(f"without {n}", raw({m: v for m, v in said.items() if m != n}, typ), MALFORMED)
              for n in said if n != "organization"]  # fmt: skip
    cases += [(f"{n} of {json.dumps(bad)[:30]}", raw({**said, n: bad}, typ), MALFORMED)
              for n, values in wrong.items() for bad in values]  # fmt: skip
    return tuple(Vector(f"activation: {name}", "C-5.1", {"activation": text}, out) for name, text, out in cases)


def _altered(token: str) -> str:
    """The same token with the payload of another."""
    protected, _, signature = token.split(".")
    return f"{protected}.{b64(encode(replace(ACTIVATION, product='viewer-1')))}.{signature}"


def _certificates() -> tuple[Vector, ...]:
    said, typ = as_json(CERTIFICATE), "volact-host+jwt"
    renewed = replace(CERTIFICATE, predecessor=identifier("certificate"), jti=identifier("certificate 2"))
    with_private = {**said, "cnf": {"jwk": {**HOST.public.jwk, "d": "AAAA"}}}
    cases: list[tuple[str, str, Any]] = [
        ("a certificate", sign(CERTIFICATE), believed(CERTIFICATE)),
        ("a renewal", sign(renewed), believed(renewed)),
        ("by the host itself", sign(CERTIFICATE, HOST), UNTRUSTED),
        ("of another publisher", sign(replace(CERTIFICATE, iss="other.example")), UNTRUSTED),
        ("an activation for a certificate", sign(ACTIVATION), MALFORMED),
        ("a host's key with its private half", raw(with_private, typ), MALFORMED),
        ("for no organization", raw({**said, "organization": None}, typ), MALFORMED),
    ]
    cases += [(f"without {n}", raw({m: v for m, v in said.items() if m != n}, typ), MALFORMED) for n in said]
    return tuple(Vector(f"certificate: {name}", "C-5.2", {"certificate": text}, out) for name, text, out in cases)


def _leases() -> tuple[Vector, ...]:
    said = as_json(LEASE)
    outside = {
        "of another host": replace(LEASE, iss=cast.dev("other host")),
        "for another publisher": replace(LEASE, aud="other.example"),
        "before the certificate": replace(LEASE, iat=CERTIFICATE.iat - 1, exp=CERTIFICATE.iat + DAY),
        "after the certificate": replace(LEASE, iat=CERTIFICATE.exp + 1, exp=CERTIFICATE.exp + DAY),
        "a second too long": replace(LEASE, exp=LEASE.iat + 180 * DAY + 1),
        "of no length": replace(LEASE, exp=LEASE.iat),
        "that ends before it begins": replace(LEASE, exp=LEASE.iat - 1),
        "of a group that the host does not serve": replace(LEASE, group="viewer", product="viewer-1"),
        "of a product under another group": replace(LEASE, product="viewer-1"),
        "for no organization": replace(LEASE, organization=None),
        "for another organization": replace(LEASE, organization=replace(ORGANIZATION, name="Fabrikam")),
    }
    last = replace(LEASE, iat=CERTIFICATE.exp, exp=CERTIFICATE.exp + 180 * DAY)
    unknown = replace(LEASE, product="editor-2")
    certificate = sign(CERTIFICATE)
    cases: list[tuple[str, str, str, Any]] = [
        ("a lease", sign(LEASE), certificate, believed(LEASE)),
        ("in the last second of the certificate", sign(last), certificate, believed(last)),
        ("a product that the catalog does not know yet", sign(unknown), certificate, believed(unknown)),
        ("by another key", sign(LEASE, DEVICE), certificate, UNTRUSTED),
        ("by the issuing key", sign(LEASE, ISSUING), certificate, UNTRUSTED),
        ("with a certificate by the host itself", sign(LEASE), sign(CERTIFICATE, HOST), UNTRUSTED),
        ("with a lease for a certificate", sign(LEASE), sign(LEASE), MALFORMED),
        ("an activation for a lease", sign(ACTIVATION), certificate, MALFORMED),
    ]
    cases += [(name, sign(lease), certificate, UNTRUSTED) for name, lease in outside.items()]
    for name in said:
        text = raw({n: v for n, v in said.items() if n != name}, "volact-lease+jwt", signer=HOST)
        cases.append((f"without {name}", text, certificate, MALFORMED))
    return tuple(
        Vector(f"lease: {name}", "C-5.3", {"lease": text, "certificate": by}, out) for name, text, by, out in cases
    )


def _revoked() -> tuple[Vector, ...]:
    at, kid = T0 + 6 * DAY, HOST.public.kid
    activation, certificate, lease = {"activation": sign(ACTIVATION)}, sign(CERTIFICATE), sign(LEASE)
    licensed = {"lease": lease, "certificate": certificate}
    compromised = (*cast.KEYS_1[:2], cast.root_key(ISSUING, "issuing", state="compromised", compromised=at),
                   *cast.KEYS_1[3:])  # fmt: skip
    second = sign_root(root(2, compromised), (cast.ROOT_1, cast.ROOT_2))

    def listing(*roots: bytes, **entries: Any) -> str:
        file = publisher_file(*roots, revocations=cast.revocations(6, iat=T0 + 10 * DAY, **entries))
        return write_publisher_file(file).decode()

    other = RevokedKey(keyid("other"), at)
    cases: list[tuple[str, Any, str, int | None]] = [
        ("an activation, nothing listed", activation, listing(), None),
        ("an activation, its key listed", activation, listing(keys=(other, RevokedKey(keyid("key"), at))), at),
        ("an activation, itself listed", activation,
         listing(activations=(RevokedActivation(ACTIVATION.jti, at),), keys=(RevokedKey(keyid("key"), at + 1),)), at),
        ("an activation, another key listed", activation, listing(keys=(other,)), None),
        ("an activation of a compromised key", activation, listing(cast.SIGNED_1, second), at),
        ("a lease, nothing listed", licensed, listing(), None),
        ("a lease, its host listed from before", licensed, listing(hosts=(RevokedHost(cast.HOST_ID, kid, at),)), at),
        ("a lease, its host listed from later", licensed,
         listing(hosts=(RevokedHost(cast.HOST_ID, kid, at + 1),)), None),
        ("a lease, another key of its host listed", licensed,
         listing(hosts=(RevokedHost(cast.HOST_ID, DEVICE.public.kid, at),)), None),
        ("a lease, its host's product key listed", licensed,
         listing(keys=(RevokedKey(keyid("host key"), at + 9),)), at + 9),
        ("a lease, its certificate of a compromised key", licensed, listing(cast.SIGNED_1, second), at),
    ]  # fmt: skip
    return tuple(
        Vector(f"revoked: {name}", "P-4.5", {**given, "publisher_file": file, "revoked_at": True}, value(out))
        for name, given, file, out in cases
    )


FILES = (
    File("credentials", "Credentials for who believes the publisher file.",
         _activations() + _certificates() + _leases(), GIVEN),
    File("revoked", "From when on a believed credential counts as revoked; null for not at all.", _revoked(),
         {"pin": cast.PIN.text}),
)  # fmt: skip
