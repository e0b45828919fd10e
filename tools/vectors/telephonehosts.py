"""Vectors of C-14 and P-10: telephone certificates, leases under them, and what revokes either."""

import json
from typing import Any

import msgspec

from vectors import cast
from vectors.cast import DAY, HOST, PUBLISHER, T0
from vectors.credentials import LEASE
from vectors.form import MALFORMED, UNTRUSTED, File, Vector, value
from vectors.telephone import GIVEN, KEYID, MONTH, OTHER_SIGNER, PROOF_KEY, confirmed, publisher_file, subject
from volact.credential import jws
from volact.credential.claims import LEASE_TYP, encode
from volact.credential.lists import RevokedConfirmation, RevokedHost, RevokedKey
from volact.credential.telephone.certificate import TelephoneCertificate
from volact.credential.telephone.confirmation import Header, Role, named_host
from volact.credential.telephone.installation import make_installation_id, named_dev

replace = msgspec.structs.replace
INSTALLATION = make_installation_id(PROOF_KEY, keyid=KEYID, dev=named_dev(HOST.public.kid))
SUBJECT = subject(Role.HOST, INSTALLATION)
ENDING = Header(3, MONTH + 5)  # June 2027
CONFIRMED = confirmed(SUBJECT, ENDING)
CERTIFICATE = TelephoneCertificate(HOST.public, "editor", INSTALLATION, CONFIRMED)
HOST_ID = named_host(SUBJECT, ENDING)
FIRST, LAST = 1_780_272_000, 1_814_399_999  # 1 June 2026 and the last second of June 2027
SAYS = {
    "iss": PUBLISHER, "jti": HOST_ID, "iat": FIRST, "exp": LAST, "host": HOST_ID, "cnf": {"jwk": HOST.public.jwk},
    "dev": INSTALLATION.dev, "keyid": KEYID, "group": "editor", "groups": ["editor"], "organization": None,
    "max_lease": 180 * DAY, "predecessor": None, "rev_min": 0,
}  # fmt: skip
UNDER = replace(LEASE, iss=HOST_ID, organization=None)


def written(**changed: Any) -> str:
    """The certificate with members changed, or left out where they are None."""
    members = {**json.loads(CERTIFICATE.text), **changed}
    return json.dumps({name: member for name, member in members.items() if member is not None})


def certificate(**changed: Any) -> TelephoneCertificate:
    """A certificate of other parts."""
    parts = {name: getattr(CERTIFICATE, name) for name in ("key", "group", "installation", "confirmation")}
    return TelephoneCertificate(**(parts | changed))


def _signed(header: Header, **changed: Any) -> str:
    """A certificate with a confirmation that has another header."""
    return certificate(confirmation=confirmed(SUBJECT, header, **changed)).text


def _certificates() -> tuple[Vector, ...]:
    endless = msgspec.json.decode(CERTIFICATE.text)
    endless["cid"] = confirmed(subject(), Header(3)).qr
    computer = subject(Role.COMPUTER, INSTALLATION)
    directory = subject(Role.DIRECTORY, INSTALLATION)
    other_key = make_installation_id(PROOF_KEY, keyid=KEYID, dev=named_dev(cast.DEVICE.public.kid))
    iid, cid = INSTALLATION, CONFIRMED
    malformed = {
        "no JSON": "{", "a list": "[]", "a member twice": CERTIFICATE.text[:-1] + ',"group":"editor"}',
        "another member": written(organization="Contoso"), "a key with its private half": written(
            jwk={**HOST.public.jwk, "d": "AAAA"}),
        "a thumbprint for the key": written(jwk=HOST.public.kid), "a group in capitals": written(group="Editor"),
        "an installation ID in groups": written(iid=" ".join(iid.groups)),
        "an installation ID for the keyboard": written(iid="".join(iid.keyboard)),
        "an installation ID with a digit wrong": written(iid=iid.qr[:-1] + str((int(iid.qr[-1]) + 1) % 10)),
        "a confirmation ID in groups": written(cid=" ".join(cid.groups)),
        "a confirmation ID for the keyboard": written(cid="".join(cid.keyboard)),
        "a confirmation ID with a digit missing": written(cid=cid.qr[:-1]),
        "the key of another host": written(jwk=cast.DEVICE.public.jwk),
        "the installation ID of another host": written(iid=other_key.qr),
        "longer than 16 KiB": CERTIFICATE.text + " " * 16_384,
        **{f"without {name}": written(**{name: None}) for name in ("jwk", "group", "iid", "cid")},
    }  # fmt: skip
    untrusted = {
        "another product group": written(group="viewer"), "a group that the catalog lacks": written(group="maker"),
        "without an end": json.dumps(endless), "signed for a computer": written(cid=confirmed(computer, ENDING).qr),
        "signed for a directory": written(cid=confirmed(directory, ENDING).qr),
        "signed for another host": written(cid=confirmed(subject(Role.HOST, other_key), ENDING).qr),
        "signed for another publisher": written(
            cid=confirmed(subject(Role.HOST, INSTALLATION, publisher="other.example"), ENDING).qr),
        "an empty slot": _signed(Header(5, MONTH)), "a slot with a key of a later version": _signed(Header(6, MONTH)),
        "by the key of another slot": _signed(ENDING, signer=OTHER_SIGNER),
    }  # fmt: skip
    cases: list[tuple[str, str, str, Any]] = [
        ("believed", "C-14.2", CERTIFICATE.text, value(SAYS)),
        ("with white space", "C-14.1", written(), value(SAYS)),
        *((name, "C-14.1", text, MALFORMED) for name, text in malformed.items()),
        *((name, "C-14.3", text, UNTRUSTED) for name, text in untrusted.items()),
    ]
    return tuple(Vector(name, clause, {"certificate": text}, out) for name, clause, text, out in cases)


def _leases() -> tuple[Vector, ...]:
    def sign(said: Any, signer: Any = HOST) -> str:
        return jws.sign_compact(encode(said), typ=LEASE_TYP, signer=signer)

    later, long = named_host(SUBJECT, Header(3, MONTH + 13)), certificate(confirmation=confirmed(
        SUBJECT, Header(3, MONTH + 13))).text  # fmt: skip
    ends = replace(UNDER, iat=LAST, exp=LAST + 180 * DAY)
    cases: list[tuple[str, Any, str, Any]] = [
        ("a lease", UNDER, CERTIFICATE.text, None),
        ("in the last second of the last month", ends, CERTIFICATE.text, None),
        ("after the last month", replace(ends, iat=LAST + 1), CERTIFICATE.text, UNTRUSTED),
        ("before the twelve months", replace(UNDER, iat=FIRST - 1, exp=FIRST + DAY), CERTIFICATE.text, UNTRUSTED),
        ("more than twelve months ahead", replace(UNDER, iss=later), long, UNTRUSTED),
        ("a second longer than the catalog allows", replace(UNDER, exp=UNDER.exp + 1), CERTIFICATE.text, UNTRUSTED),
        ("in the name of an organization", replace(UNDER, organization=LEASE.organization), CERTIFICATE.text,
         UNTRUSTED),
        ("of another host", replace(UNDER, iss=cast.HOST_ID), CERTIFICATE.text, UNTRUSTED),
        ("of a group that the host key does not serve", replace(UNDER, group="viewer", product="viewer-1"),
         CERTIFICATE.text, UNTRUSTED),
    ]  # fmt: skip
    found = [
        Vector(f"lease: {name}", "C-14.4", {"lease": sign(said), "certificate": text},
               out or value(json.loads(msgspec.json.encode(said))))
        for name, said, text, out in cases
    ]  # fmt: skip
    by_another = {"lease": sign(UNDER, cast.DEVICE), "certificate": CERTIFICATE.text}
    return (*found, Vector("lease: by another key", "C-14.4", by_another, UNTRUSTED))


def _revoked() -> tuple[Vector, ...]:
    lease = jws.sign_compact(encode(UNDER), typ=LEASE_TYP, signer=HOST)
    at, dev = UNDER.iat, INSTALLATION.dev
    compromised = _signed(Header(4, MONTH + 5), signer=OTHER_SIGNER)
    by_compromised = jws.sign_compact(
        encode(replace(UNDER, iss=named_host(SUBJECT, Header(4, MONTH + 5)))), typ=LEASE_TYP, signer=HOST
    )
    cases: list[tuple[str, dict[str, Any], int | None, int | None]] = [
        ("not at all", {}, None, None),
        ("key and dev on the list", {"telephone": (RevokedConfirmation(KEYID, dev, at),)}, at, at),
        ("key and dev on the list a second after the lease",
         {"telephone": (RevokedConfirmation(KEYID, dev, at + 1),)}, None, at + 1),
        ("another dev on the list", {"telephone": (RevokedConfirmation(KEYID, cast.dev("x"), at),)}, None, None),
        ("the key on the list", {"keys": (RevokedKey(KEYID, at + 9),)}, at + 9, at + 9),
        ("host id and device key on the list", {"hosts": (RevokedHost(HOST_ID, HOST.public.kid, at),)}, at, at),
    ]  # fmt: skip
    found = []
    for name, entries, of_lease, of_host in cases:
        given = {"publisher_file": publisher_file(**entries), "certificate": CERTIFICATE.text, "revoked_at": True}
        found.append(Vector(f"revoked, lease: {name}", "P-10.3", {**given, "lease": lease}, value(of_lease)))
        found.append(Vector(f"revoked, host: {name}", "P-10.3", given, value(of_host)))
    given = {"lease": by_compromised, "certificate": compromised, "revoked_at": True}
    return (*found, Vector("revoked, lease: a compromised telephone key", "P-10.3", given, value(T0 + 9 * DAY)))


FILES = (
    File("telephone-hosts", "Telephone certificates and leases under them: believed, and from when on revoked.",
         (*_certificates(), *_leases(), *_revoked()), GIVEN),
)  # fmt: skip
