"""Activating a host by telephone: an installation ID out, a confirmation ID in, which together are its certificate.

Nothing renews it: somebody calls again before its last month is over (spec H-7).
"""

from __future__ import annotations

from dataclasses import dataclass

from volact.credential.claims import HostCertificate
from volact.credential.telephone.certificate import TelephoneCertificate
from volact.credential.telephone.confirmation import ConfirmationId, Role, Subject, read_confirmation_id
from volact.credential.telephone.installation import InstallationId, make_installation_id, named_dev
from volact.errors import Damaged, Refusal, Refused
from volact.host.device import make_device, prepare_device
from volact.host.records import InstalledKey
from volact.host.setup import Host
from volact.licensing.hosting import may_host


@dataclass(frozen=True, slots=True)
class HostReadsOut:
    """What a person tells the center of a host: the installation ID, for which key, and which center to call."""

    key: InstalledKey
    installation: InstallationId
    center: dict[str, object] | None


@dataclass(frozen=True, slots=True)
class HostConfirmed:
    """The certificate that a confirmation made, of which key."""

    key: InstalledKey
    certificate: HostCertificate


def installation_id(
    host: Host, product_group: str | None = None, *, country: str | None = None, anew: bool = False
) -> HostReadsOut:
    """The installation ID of this host's device key under a host key; the same every time, unless `anew` is said.

    Refuses with `host_not_activated` where no host key is installed, `usage` where several are and none is named,
    `host_platform_unsupported` and `host_update_required` as the catalog has it now.
    """
    key = _key(host, product_group)
    state = host.state()
    refused = may_host(
        state.trust.catalog,
        state.trust.catalog_document.version,
        platform=state.settings.platform,
        virtual=state.settings.virtual,
        group=key.product_group,
    )
    if refused is not None:
        raise Refused(refused)
    if anew:
        make_device(host)
    else:
        prepare_device(host)
    center = state.trust.catalog.center_for(country)
    jkt = host.store.settings().jkt
    return HostReadsOut(key, _installation(key, jkt), center.as_fields if center else None)


def confirm(host: Host, text: str) -> HostConfirmed:
    """Believes a confirmation ID for one of the installed host keys, and keeps what it makes; a refusal keeps nothing.

    Refuses with `confirmation_mistyped`, `confirmation_invalid`, `key_blocked`; raises Untrusted `extra_missing`.
    """
    typed = read_confirmation_id(text)
    if isinstance(typed, Refusal):
        raise Refused(typed)
    keys = host.store.host_keys()
    if not keys:
        raise Refused(_no_key())
    found = [_judged(host, key, text=text) for key in keys]
    for key, each in zip(keys, found, strict=True):
        if isinstance(each, ConfirmationId):
            return _keep(host, key, confirmation=each)
    raise Refused(next(each for each in found if isinstance(each, Refusal)))


def _judged(host: Host, key: InstalledKey, *, text: str) -> ConfirmationId | Refusal:
    from volact.protocol.confirming import believe_confirmation  # needs the extra

    state = host.state()
    group = state.trust.catalog.product_groups[key.product_group].number
    subject = Subject(Role.HOST, group, state.trust.publisher, _installation(key, state.settings.jkt))
    return believe_confirmation(state.trust, text, subject=subject, now=host.clock())


def _keep(host: Host, key: InstalledKey, *, confirmation: ConfirmationId) -> HostConfirmed:
    state = host.state()
    signer = host.vault.signer(state.settings.jkt)
    if signer is None:
        raise Damaged("the host's device key is gone; `host installation-id` makes a new one")
    made = TelephoneCertificate(signer.public, key.product_group, _installation(key, signer.public.kid), confirmation)
    certificate = state.trust.certificate(made.text)
    if state.trust.lists_key(key.keyid):
        raise Refused(Refusal("key_blocked", "the publisher has revoked this host key"))
    if state.trust.host_revoked_at(certificate, made.text) is not None:
        detail = "the publisher has revoked this confirmation; read the installation ID out again for another"
        raise Refused(Refusal("confirmation_invalid", detail))
    host.store.add_certificate(key.keyid, certificate.jti, text=made.text)
    return HostConfirmed(key, certificate)


def _installation(key: InstalledKey, jkt: str) -> InstallationId:
    return make_installation_id(key.proof_key, keyid=key.keyid, dev=named_dev(jkt))


def _key(host: Host, product_group: str | None) -> InstalledKey:
    keys = host.store.host_keys()
    if not keys:
        raise Refused(_no_key())
    if product_group is None and len(keys) > 1:
        groups = ", ".join(key.product_group for key in keys)
        raise Refused(Refusal("usage", f"several host keys are installed: name one with --product-group: {groups}"))
    named = [key for key in keys if product_group in (None, key.product_group)]
    if not named:
        raise Refused(Refusal("usage", f"no host key for the product group {product_group} is installed"))
    return named[-1]


def _no_key() -> Refusal:
    return Refusal("host_not_activated", "no host key is installed on this host")
