"""The only door by which received bytes become believed (spec P-4).

`Trust` is a value: what a pin reaches. Every method either returns something believed, or raises `Untrusted` or
`Malformed` and changes nothing. It reads no clock: an expired key or root warns (`expired`) and never locks.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from volact.credential import checkpoint, claims, jws, lists
from volact.credential.checkpoint import Checkpoint
from volact.credential.claims import Activation, HostCertificate, Lease, SetupGrant
from volact.credential.lists import CatalogDocument, Revocations
from volact.credential.publisher import Pin, PublisherFile
from volact.credential.request import ActivateRequest, HostRequest, LeaseRequest, SignedRequest
from volact.credential.root import Role, Root, RootKey, SignedRoot, check_first, check_next, parse_root
from volact.credential.telephone.certificate import is_telephone_certificate
from volact.errors import Malformed, Untrusted
from volact.licensing.catalog import Catalog
from volact.licensing.catalogfile import CatalogInvalid, catalog_from
from volact.protocol.messages import Answer, Versions
from volact.protocol.telephonehosts import check_telephone_host, read_telephone_host, telephone_revoked_at

Issued = TypeVar("Issued", Activation, HostCertificate)
ListRole = Literal["catalog", "revocations"]
_CODE = "root_untrusted"


class Revoked(Untrusted):
    """A true answer that counts for nothing any more: asked again, the same request gets no other one."""


class Older(Untrusted):
    """A list that was true once: it is not believed any more, and whoever serves it may be honest and behind."""


@dataclass(frozen=True, slots=True)
class Believed:
    """A credential that answers one request of this device, as text and as what it says."""

    credential: str
    certificate: str | None
    claims: Activation | HostCertificate | Lease
    host: HostCertificate | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """What a pin reaches: root versions 1 to N, the newest catalog and the newest revocation list."""

    pin: Pin
    roots: tuple[SignedRoot, ...]
    catalog_text: str
    catalog_document: CatalogDocument
    catalog: Catalog
    catalog_kid: str
    revocations_text: str
    revocations: Revocations
    revocations_kid: str

    @classmethod
    def load(cls, pin: Pin, file: PublisherFile) -> Trust:
        """Believes a publisher file that chains from the pin and is not older than it; raises Untrusted."""
        try:
            return cls._load(pin, file)
        except Malformed as err:
            raise Untrusted(f"the publisher file cannot be read: {err.detail}", code=_CODE) from err

    @classmethod
    def _load(cls, pin: Pin, file: PublisherFile) -> Trust:
        roots = _chain(pin, file)
        catalog, token = lists.parse_catalog(file.catalog)
        revocations, token_of_list = lists.parse_revocations(file.revocations)
        trust = cls(
            pin=pin,
            roots=roots,
            catalog_text=file.catalog,
            catalog_document=catalog,
            catalog=_read_catalog(catalog),
            catalog_kid=token.header["kid"],
            revocations_text=file.revocations,
            revocations=revocations,
            revocations_kid=token_of_list.header["kid"],
        )
        trust._check_list(catalog, token, role="catalog")
        trust._check_list(revocations, token_of_list, role="revocations")
        return trust

    @property
    def root(self) -> Root:
        """The newest root version."""
        return self.roots[-1].root

    @property
    def publisher(self) -> str:
        """The publisher's id."""
        return self.root.iss

    @property
    def versions(self) -> Versions:
        """The versions that are believed here."""
        return Versions(self.root.version, self.catalog_document.version, self.revocations.version)

    @property
    def newest_signed(self) -> int:
        """The newest time that the publisher signed, in seconds: of the root, and of lists by keys active in it.

        So a root that replaces the keys of the lists takes back a time that was signed under a wrong clock.
        """
        times = [self.root.iat]
        times += [self.catalog_document.iat] if self.counted("catalog") else []
        times += [self.revocations.iat] if self.counted("revocations") else []
        return max(times)

    def counted(self, role: ListRole) -> int:
        """The list's version, below which none is believed; 0 once a newer root has replaced the key that signed it."""
        kid = self.catalog_kid if role == "catalog" else self.revocations_kid
        version = self.catalog_document.version if role == "catalog" else self.revocations.version
        return version if any(key.public.kid == kid for key in self.root.active(role)) else 0

    def publisher_file(self, service: str | None) -> PublisherFile:
        """What is believed, as a publisher file for others."""
        roots = tuple(signed.data.decode() for signed in self.roots)
        return PublisherFile(
            publisher=self.publisher,
            roots=roots,
            catalog=self.catalog_text,
            revocations=self.revocations_text,
            service=service,
        )

    def with_root(self, data: bytes) -> Trust:
        """Believes the next root version; one that is known already changes nothing."""
        signed = parse_root(data)
        if signed.root.version <= self.root.version:
            if self.roots[signed.root.version - 1].hash != signed.hash:
                raise Untrusted("another root of a version that is known", code=_CODE)
            return self
        check_next(self.root, signed)
        return replace(self, roots=(*self.roots, signed))

    def with_catalog(self, text: str) -> Trust:
        """Believes a newer catalog; the same version again changes nothing."""
        if text == self.catalog_text:
            return self
        document, token = lists.parse_catalog(text)
        if not self._is_newer(document, token, role="catalog"):
            return self
        catalog, kid = _read_catalog(document), token.header["kid"]
        return replace(self, catalog_text=text, catalog_document=document, catalog=catalog, catalog_kid=kid)

    def with_revocations(self, text: str) -> Trust:
        """Believes a newer revocation list; the same version again changes nothing."""
        if text == self.revocations_text:
            return self
        document, token = lists.parse_revocations(text)
        if not self._is_newer(document, token, role="revocations"):
            return self
        return replace(self, revocations_text=text, revocations=document, revocations_kid=token.header["kid"])

    def with_newer(self, other: Trust) -> Trust:
        """Believes what is newer in another trust under the same pin; raises Untrusted where its roots are others."""
        newer = self
        for signed in other.roots:
            newer = newer.with_root(signed.data)
        with suppress(Untrusted):  # where this one is newer
            newer = newer.with_catalog(other.catalog_text)
        with suppress(Untrusted):
            newer = newer.with_revocations(other.revocations_text)
        return newer

    def activation(self, text: str) -> Activation:
        """Believes an activation of this publisher."""
        activation, token = claims.parse(Activation, text)
        self._check_issued(activation.iss, activation.iat, token=token)
        return activation

    def certificate(self, text: str) -> HostCertificate:
        """Believes a host certificate of this publisher, or one by telephone, as what that says (spec C-14)."""
        if is_telephone_certificate(text):
            found = read_telephone_host(text, self.publisher, catalog=self.catalog)
            check_telephone_host(text, self.root, catalog=self.catalog)
            return found
        certificate, token = claims.parse(HostCertificate, text)
        self._check_issued(certificate.iss, certificate.iat, token=token)
        return certificate

    def grant(self, text: str) -> SetupGrant:
        """Believes a setup grant of this publisher, for a product whose catalog offers that kind of key."""
        grant, token = claims.parse(SetupGrant, text)
        self._check_issued(grant.iss, grant.iat, token=token)
        product = self.catalog.products.get(grant.product)
        if product is None or product.group != grant.group or grant.kind not in product.kinds:
            raise Untrusted("the grant is for a product or a kind of key that the catalog does not offer")
        return grant

    def checkpoint(self, text: str) -> Checkpoint:
        """Believes a checkpoint of this publisher's log; one that a compromised key signed says nothing."""
        said, token = checkpoint.parse(text)
        self._check_issued(said.iss, said.iat, token=token)
        if self._revoked_with(token, keyid=""):
            raise Untrusted("the checkpoint is signed by a key that is compromised")
        return said

    def lease(self, text: str, certificate_text: str) -> tuple[Lease, HostCertificate]:
        """Believes a lease by the key of the certificate that comes with it, inside that certificate's limits."""
        certificate = self.certificate(certificate_text)
        lease, token = claims.parse(Lease, text)
        jws.check(token, certificate.cnf.public)
        product = self.catalog.products.get(lease.product)
        within = (
            lease.iss == certificate.host
            and lease.aud == self.publisher
            and certificate.iat <= lease.iat <= certificate.exp
            and 0 < lease.exp - lease.iat <= certificate.max_lease
            and lease.group in certificate.groups
            and lease.organization == certificate.organization
            and (product is None or product.group == lease.group)
        )
        if not within:
            raise Untrusted("the lease is outside of the host's certificate")
        return lease, certificate

    def lists_key(self, keyid: str) -> bool:
        """Whether the revocation list has the product key of that id."""
        return any(entry.keyid == keyid for entry in self.revocations.keys)

    def revoked_at(self, kind: type[Issued], text: str) -> int | None:
        """The time from which on a believed activation or certificate counts as revoked, or None."""
        said, token = claims.parse(kind, text)
        times = self._revoked_with(token, keyid=said.keyid)
        times += [entry.at for entry in self.revocations.activations if entry.jti == said.jti]
        return min(times, default=None)

    def grant_revoked_at(self, text: str, keyid: str) -> int | None:
        """The time from which on a believed setup grant counts as revoked for the key with that id, or None."""
        _, token = claims.parse(SetupGrant, text)
        return min(self._revoked_with(token, keyid=keyid), default=None)

    def lease_revoked_at(self, lease: Lease, certificate_text: str) -> int | None:
        """The time from which on a believed lease counts as revoked, or None."""
        ended = self._device_ended(self.certificate(certificate_text), certificate_text)
        times = [at for at in ended if lease.iat >= at]
        return min([*times, *self._certificate_revoked(certificate_text)], default=None)

    def host_revoked_at(self, certificate: HostCertificate, text: str) -> int | None:
        """The time from which on a host gives no leases under a certificate that it believed, or None."""
        return min([*self._device_ended(certificate, text), *self._certificate_revoked(text)], default=None)

    def answer(self, asked: SignedRequest, answer: Answer) -> Believed:
        """Believes only an answer to this very request for this very device key."""
        match asked.request:
            case ActivateRequest():
                found = self._believe_activation(asked.request, answer)
                key = found.claims.cnf.jkt if isinstance(found.claims, Activation) else ""
            case LeaseRequest():
                found = self._believe_lease(asked.request, answer)
                key = found.claims.cnf.jkt if isinstance(found.claims, Lease) else ""
            case HostRequest():
                found = self._believe_certificate(asked.request, answer)
                key = found.claims.cnf.public.kid if isinstance(found.claims, HostCertificate) else ""
            case _:
                raise Untrusted("that request is answered with no credential")
        if (found.claims.rid, found.claims.dev, key) != (asked.request.rid, asked.request.dev, asked.jkt):
            raise Untrusted("the answer is for another request or another device")
        return found

    def expired(self, now: int) -> tuple[str, ...]:
        """What has run out at `now` and deserves a word, never a lock: the root, or roles without a key in time."""
        roles: tuple[Role, ...] = ("issuing", "catalog", "revocations")
        late = [role for role in roles if not any(key.exp > now for key in self.root.active(role))]
        return (*(["root"] if self.root.exp <= now else []), *late)

    def _believe_activation(self, asked: ActivateRequest, answer: Answer) -> Believed:
        said = self.activation(answer.credential)
        if (said.keyid, said.product, said.mv) != (asked.keyid, asked.product, asked.mv):
            raise Untrusted("the activation is for another key or product")
        self._check_not_revoked(self.revoked_at(Activation, answer.credential))
        return Believed(answer.credential, None, said)

    def _believe_lease(self, asked: LeaseRequest, answer: Answer) -> Believed:
        if answer.certificate is None:
            raise Untrusted("a lease came without its host's certificate")
        said, host = self.lease(answer.credential, answer.certificate)
        if (said.product, said.mv) != (asked.product, asked.mv):
            raise Untrusted("the lease is for another product")
        self._check_not_revoked(self.lease_revoked_at(said, answer.certificate))
        return Believed(answer.credential, answer.certificate, said, host)

    def _believe_certificate(self, asked: HostRequest, answer: Answer) -> Believed:
        said = self.certificate(answer.credential)
        if asked.keyid not in (None, said.keyid) or said.predecessor != asked.predecessor:
            raise Untrusted("the certificate is for another key or follows another one")
        self._check_not_revoked(self.revoked_at(HostCertificate, answer.credential))
        return Believed(answer.credential, None, said, said)

    @staticmethod
    def _check_not_revoked(revoked: int | None) -> None:
        if revoked is not None:
            raise Revoked("the answer was given under something that is revoked")

    def _device_ended(self, said: HostCertificate, text: str) -> list[int]:
        """When the list ended the device key of a certificate: by its host id, or as the telephone names it."""
        named = (said.host, said.cnf.public.kid)
        ended = [entry.at for entry in self.revocations.hosts if (entry.host, entry.jkt) == named]
        listed = self.revocations.telephone if is_telephone_certificate(text) else ()
        return ended + [entry.at for entry in listed if (entry.keyid, entry.dev) == (said.keyid, said.dev)]

    def _certificate_revoked(self, text: str) -> list[int]:
        if is_telephone_certificate(text):
            return telephone_revoked_at(text, self.root, revocations=self.revocations)
        revoked = self.revoked_at(HostCertificate, text)
        return [] if revoked is None else [revoked]

    def _revoked_with(self, token: jws.Unverified, *, keyid: str) -> list[int]:
        """The times at which the key that signed a token, or the product key behind it, ceased to count."""
        key = self.root.key(token.header["kid"], "issuing")
        times = [key.compromised] if key and key.compromised is not None else []
        return times + [entry.at for entry in self.revocations.keys if entry.keyid == keyid]

    def _check_issued(self, iss: str, iat: int, *, token: jws.Unverified) -> None:
        if iss != self.publisher:
            raise Untrusted("the credential is of another publisher")
        jws.check(token, _key_for(self.root, token, role="issuing", iat=iat).public)

    def _is_newer(self, document: CatalogDocument | Revocations, token: jws.Unverified, *, role: ListRole) -> bool:
        key, known = self._check_list(document, token, role=role), self.counted(role)
        if key.state == "compromised":
            raise Older(f"the {role} is signed by a key that is compromised", code=_CODE)
        if key.state != "active":
            if known:
                raise Older(f"the {role} is signed by a key that was replaced", code=_CODE)
            known = self.catalog_document.version if role == "catalog" else self.revocations.version
        if document.version < known:
            raise Older(f"{role} version {document.version} is older than the one known", code=_CODE)
        return document.version != known

    def _check_list(self, document: CatalogDocument | Revocations, token: jws.Unverified, *, role: ListRole) -> RootKey:
        try:
            key = _key_for(self.root, token, role=role, iat=document.iat)
            jws.check(token, key.public)
        except Untrusted as err:
            raise Untrusted(f"{role}: {err.detail}", code=_CODE) from err
        if document.iss != self.publisher:
            raise Untrusted(f"the {role} is of another publisher", code=_CODE)
        # The pin binds the keys that its own root version knows; a key that came later counts its versions anew.
        pinned = self.pin.catalog if role == "catalog" else self.pin.revocations
        if document.version < pinned and self.roots[self.pin.root - 1].root.key(key.public.kid, role):
            raise Older(f"{role} version {document.version} is older than the pin accepts", code=_CODE)
        return key


def _chain(pin: Pin, file: PublisherFile) -> tuple[SignedRoot, ...]:
    if not file.roots:
        raise Untrusted("the publisher file holds no root", code=_CODE)
    chain = [parse_root(file.roots[0].encode())]
    check_first(chain[0], pin.hash)
    for text in file.roots[1:]:
        signed = parse_root(text.encode())
        check_next(chain[-1].root, signed)
        chain.append(signed)
    if chain[-1].root.version < pin.root:
        raise Untrusted(f"root version {chain[-1].root.version} is older than the pin accepts", code=_CODE)
    if chain[-1].root.iss != file.publisher:
        raise Untrusted("the file names another publisher than its root", code=_CODE)
    return tuple(chain)


def _read_catalog(document: CatalogDocument) -> Catalog:
    try:
        return catalog_from(document.catalog)
    except CatalogInvalid as err:
        raise Untrusted(f"catalog version {document.version} cannot be read: {err.detail}", code=_CODE) from err


def _key_for(root: Root, token: jws.Unverified, *, role: Role, iat: int) -> RootKey:
    key = root.key(token.header["kid"], role)
    if key is None:
        raise Untrusted(f"signed by no {role} key of the publisher")
    if not key.nbf <= iat <= key.exp:
        raise Untrusted(f"signed at a time when the {role} key was not in force")
    return key
