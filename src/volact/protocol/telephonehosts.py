"""What a telephone certificate lets its host do, and who believes it (spec C-14, P-10).

It is as good as a host certificate with the same key: limits and product groups are the signed catalog's, and it
begins and ends with its last month. Reading needs no extra, believing needs the extra `phone`.
"""

from __future__ import annotations

from functools import lru_cache

from volact.credential.claims import HostCertificate, HostKey
from volact.credential.lists import Revocations
from volact.credential.root import Root
from volact.credential.telephone.certificate import TelephoneCertificate, parse_telephone_certificate
from volact.credential.telephone.confirmation import (
    FOR_EVER,
    LONGEST,
    Role,
    Subject,
    month_end,
    named_host,
    signed_message,
)
from volact.errors import Malformed, Untrusted
from volact.licensing.catalog import Catalog

_DAY = 86_400


def telephone_subject(said: TelephoneCertificate, publisher: str, *, catalog: Catalog) -> Subject:
    """What its confirmation is about; raises Untrusted for a product group that the catalog does not have."""
    group = catalog.product_groups.get(said.group)
    if group is None:
        raise Untrusted(f"the telephone certificate is for the product group {said.group}, which is not in the catalog")
    return Subject(Role.HOST, group.number, publisher, said.installation)


def read_telephone_host(text: str, publisher: str, *, catalog: Catalog) -> HostCertificate:
    """What a telephone certificate says if it holds, as a host certificate says it; raises Malformed, Untrusted.

    Certificate and host have one id, which is another one for each last month. Without an organization and a request.
    """
    said = parse_telephone_certificate(text)
    subject, last = telephone_subject(said, publisher, catalog=catalog), said.header.last_month
    if last == FOR_EVER:
        raise Untrusted("a telephone certificate has an end")
    host = named_host(subject, said.header)
    return HostCertificate(
        iss=publisher,
        jti=host,
        iat=month_end(last - LONGEST - 1),
        exp=month_end(last) - 1,
        host=host,
        cnf=HostKey(said.key.jwk),
        dev=said.installation.dev,
        keyid=said.installation.keyid,
        group=said.group,
        groups=catalog.groups_of_host_key(said.group),
        organization=None,
        max_lease=catalog.policy.max_lease_days * _DAY,
        predecessor=None,
        rev_min=0,
        rid="",
    )


def check_telephone_host(text: str, root: Root, *, catalog: Catalog) -> None:
    """Raises Untrusted for what no telephone key of the root signed; `extra_missing` where it cannot be checked."""
    said = parse_telephone_certificate(text)
    subject = telephone_subject(said, root.iss, catalog=catalog)
    listed = root.telephone(said.header.slot)
    if listed is None or not _holds(
        tuple(sorted(listed.jwk.items())), signed_message(subject, said.header), signature=said.confirmation.signature
    ):
        raise Untrusted("the telephone certificate is signed by no key of the publisher")


def telephone_revoked_at(text: str, root: Root, *, revocations: Revocations) -> list[int]:
    """When a believed telephone certificate ceased to count, with the key that signed it or with its product key."""
    said = parse_telephone_certificate(text)
    key = root.telephone(said.header.slot)
    times = [key.compromised] if key and key.compromised is not None else []
    return times + [entry.at for entry in revocations.keys if entry.keyid == said.installation.keyid]


@lru_cache(maxsize=32)
def _holds(jwk: tuple[tuple[str, str], ...], message: bytes, *, signature: bytes) -> bool:
    """Asked of the same host's certificate again and again; a signature takes 1.4 ms."""
    from volact.credential.telephone.keys import TelephoneKey  # needs the extra

    try:
        return TelephoneKey.from_jwk(dict(jwk)).verify(signature, message)
    except Malformed:
        return False  # of a later version
