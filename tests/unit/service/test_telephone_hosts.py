"""Hosts and directories by telephone, on both databases: one place each, renewed uncounted, ended by the list."""

from __future__ import annotations

import json

import pytest
from msgspec import structs

from tests.support.service import Device, read
from tests.unit.service.asking import asked, hosting, issued, refused
from tests.unit.service.conftest import DAY, Office
from volact.credential.claims import HostCertificate, decode
from volact.credential.keys import PublicKey
from volact.credential.telephone.certificate import TelephoneCertificate
from volact.credential.telephone.confirmation import Role, month_end, month_of
from volact.credential.telephone.installation import make_installation_id, named_dev
from volact.errors import Refused, Untrusted
from volact.service.admission.book import Granted
from volact.service.ledger import given
from volact.service.ledger.connection import writing
from volact.service.ports import Call
from volact.service.signing import current_root
from volact.service.usecases.catalogs import current_catalog, publish
from volact.service.usecases.center import free_slot
from volact.service.usecases.hosts import known_host, revoke_host
from volact.service.usecases.keys import IssuedKey, block, known_key
from volact.service.usecases.roots import rotate
from volact.service.usecases.telephonehosts import Wish
from volact.service.usecases.telephoning import Confirmed, Promised, confirm_installation, put_confirmation

CALL = Call("Kari", "agreement 1001", "a plant without a network")


@pytest.fixture
def key(office: Office) -> IssuedKey:
    """A host key of six hosts."""
    return issued(office, kind="host")


def ask(office: Office, key: IssuedKey, name: str, **wish: object) -> Confirmed:
    """What whoever is named so (a thumbprint, or a directory's id) is told."""
    held = read(key.key, "acme.example")
    said = make_installation_id(held.derived.proof_key, keyid=held.keyid, dev=named_dev(name))
    wished = Wish(**wish)  # type: ignore[arg-type]
    return confirm_installation(office.service, said.qr, act=office.act, channel="center", wish=wished)


def code(office: Office, key: IssuedKey, name: str, **wish: object) -> str:
    """The code of the refusal."""
    with pytest.raises(Refused) as caught:
        ask(office, key, name, **wish)
    return caught.value.code


def used(office: Office, key: IssuedKey) -> int:
    """What is taken from the key."""
    return known_key(office.service, key.row.keyid).used


def certificate(office: Office, key: IssuedKey, public: PublicKey) -> HostCertificate:
    """What a computer believes that a host shows it."""
    told = ask(office, key, public.kid)
    said = TelephoneCertificate(public, key.row.product_group, told.installation, told.confirmation)
    return office.trust().certificate(said.text)


def test_f24_telephone_host_is_confirmed_for_a_client_to_believe(office: Office, key: IssuedKey) -> None:
    """F24: what a host is told by telephone is a certificate that computers believe, under the catalog's limits, until
    the end of the month that the catalog says."""
    device, now = Device("acme.example"), office.service.clock.now()
    said = certificate(office, key, device.signer.public)
    catalog = current_catalog(office.service).catalog
    assert said.groups == catalog.groups_of_host_key(key.row.product_group)
    assert (said.exp + 1, said.organization) == (month_end(month_of(now) + catalog.policy.telephone_months), None)
    assert known_host(office.service, said.host).host_id == said.host
    (host,) = given.hosts_of(office.service.ledger, key.row.keyid)
    assert (host.slot.way, host.certificate_expires) == ("telephone", said.exp)


def test_f08_six_hosts_of_a_key_are_confirmed_and_a_seventh_is_not(office: Office, key: IssuedKey) -> None:
    """Six hosts of a key are confirmed, whichever way; the seventh is refused with the center to call."""
    for number in range(5):
        assert ask(office, key, f"host {number}").promised.taken == 1
    hosting(office, key, device=Device("acme.example"))
    with pytest.raises(Refused) as caught:
        ask(office, key, "host 6")
    assert caught.value.code == "host_limit_reached"
    assert caught.value.fields["center"]
    assert (ask(office, key, "host 0").promised.repeated, used(office, key)) == (True, 6)


def test_f29_the_same_host_is_confirmed_alike_and_renewed_uncounted(office: Office, key: IssuedKey) -> None:
    """F29: the same installation ID of a host has the same confirmation until the last third of its time; then one
    with a later month, which takes nothing, also after it is over."""
    first = ask(office, key, "host")
    last = first.promised.header.last_month
    office.time.go(100 * DAY)
    again = ask(office, key, "host")
    assert (again.confirmation, again.promised.repeated) == (first.confirmation, True)
    office.time.go(60 * DAY)
    later = ask(office, key, "host")
    assert (later.promised.repeated, later.promised.taken) == (False, 0)
    assert later.promised.header.last_month > last
    assert ask(office, key, "host").confirmation == later.confirmation
    office.time.go(400 * DAY)
    assert ask(office, key, "host").promised.header.last_month > later.promised.header.last_month
    assert used(office, key) == 1
    (host,) = given.hosts_of(office.service.ledger, key.row.keyid)
    assert host.slot.host_id == first.promised.host_id == later.promised.host_id


def test_a_blocked_host_key_confirms_nothing_new(office: Office, key: IssuedKey) -> None:
    """A host whose key was blocked is told again what it was told, and is neither renewed nor is another confirmed."""
    first = ask(office, key, "host")
    block(office.service, key.row.keyid, revoked=False, act=office.act)
    assert ask(office, key, "host").confirmation == first.confirmation
    assert code(office, key, "another") == "key_blocked"
    office.time.go(170 * DAY)
    assert code(office, key, "host") == "key_blocked"


def test_a_host_that_is_known_online_keeps_its_place_by_telephone(office: Office, key: IssuedKey) -> None:
    """A host that was activated online before is confirmed in its own place; one whose key ended since is not."""
    device = Device("acme.example")
    online = hosting(office, key, device=device)
    told = ask(office, key, device.signer.public.kid)
    assert (told.promised.taken, told.promised.host_id, used(office, key)) == (0, online.host, 1)
    hosting(office, key, device=Device("acme.example", dev=device.dev))  # reinstalled: a new device key
    assert code(office, key, device.signer.public.kid) == "confirmation_returned"


def test_a_host_by_telephone_that_goes_online_keeps_its_place(office: Office, key: IssuedKey) -> None:
    """A host that was confirmed by telephone takes nothing when it is activated online, and is renewed there."""
    device = Device("acme.example")
    told = ask(office, key, device.signer.public.kid)
    first = hosting(office, key, device=device)
    assert (first.host, first.organization.name if first.organization else "") == (
        told.promised.host_id,
        "Nordlys Energi",
    )
    again = asked(office.service, device.renew(first.jti, iat=office.service.clock.now()))
    assert isinstance(again, Granted)
    assert decode(HostCertificate, again.payload).host == first.host
    assert used(office, key) == 1
    assert ask(office, key, device.signer.public.kid).confirmation == told.confirmation


def test_f44_the_center_picks_the_place_that_a_host_takes(office: Office, key: IssuedKey) -> None:
    """F44: with all places taken, the center gives one of them to the host that calls; the old one is on the list."""
    devices = [Device("acme.example") for _ in range(6)]
    certificates = [certificate(office, key, device.signer.public) for device in devices]
    assert code(office, key, "new", replaces="0" * 15) == "unknown_host"
    told = ask(office, key, "new", replaces=certificates[2].host)
    assert (told.promised.taken, used(office, key)) == (1, 6)
    trust = office.trust()
    dev = named_dev(devices[2].signer.public.kid)
    assert [(entry.keyid, entry.dev) for entry in trust.revocations.telephone] == [(key.row.keyid, dev)]
    assert not trust.revocations.hosts
    assert code(office, key, devices[2].signer.public.kid) == "confirmation_returned"
    what = [row[0] for row in office.service.ledger.execute("SELECT act FROM audit ORDER BY entry").fetchall()]
    assert what[-2:] == ["host slot freed", "host confirmed by telephone"]


def test_f44_a_freed_telephone_host_is_on_the_list_by_key_and_computer(office: Office, key: IssuedKey) -> None:
    """F44: a place that the center frees, named by any host id that the host had, ends the host for its computers."""
    device = Device("acme.example")
    ask(office, key, device.signer.public.kid)
    office.time.go(170 * DAY)
    said = certificate(office, key, device.signer.public)
    row = free_slot(office.service, key.row.keyid, host_id=said.host, call=CALL, act=office.act)
    assert row.used == 0
    assert [entry.dev for entry in office.trust().revocations.telephone] == [said.dev]
    assert code(office, key, device.signer.public.kid) == "confirmation_returned"
    assert refused(office, device.renew(said.jti.zfill(26), iat=office.service.clock.now())) == "key_unknown"


def test_a_host_that_went_online_is_ended_by_both_names(office: Office, key: IssuedKey) -> None:
    """A host that had a confirmation and then a certificate is on the list as the telephone and as its own key know
    it."""
    device = Device("acme.example")
    ask(office, key, device.signer.public.kid)
    first = hosting(office, key, device=device)
    revoke_host(office.service, first.host, reason="sold", act=office.act)
    listed = office.trust().revocations
    assert [(entry.host, entry.jkt) for entry in listed.hosts] == [(first.host, device.signer.public.kid)]
    assert [entry.dev for entry in listed.telephone] == [named_dev(device.signer.public.kid)]
    assert code(office, key, device.signer.public.kid) == "confirmation_returned"


def test_a_revoked_telephone_host_does_not_come_back_online(office: Office, key: IssuedKey) -> None:
    """The device key of a host by telephone that was revoked is refused online too."""
    device = Device("acme.example")
    told = ask(office, key, device.signer.public.kid)
    revoke_host(office.service, told.promised.host_id or "", reason="stolen", act=office.act)
    body = device.host(read(key.key, "acme.example"), platform="windows-server-2008-r2", iat=office.service.clock.now())
    assert refused(office, body) == "host_revoked"


def test_a_compromised_telephone_key_is_followed_by_the_next(office: Office, key: IssuedKey) -> None:
    """After its telephone key was compromised a host is confirmed anew by the next one, and takes nothing."""
    public = Device("acme.example").signer.public
    ask(office, key, public.kid)
    (old,) = current_root(office.service).active("telephone")
    office.time.go(DAY)
    rotate(office.service, office.roots, compromised=(old.public.kid,), act=office.act)
    told = ask(office, key, public.kid)
    assert (told.promised.header.slot, told.promised.taken, used(office, key)) == (1, 0, 1)
    said = TelephoneCertificate(public, key.row.product_group, told.installation, told.confirmation)
    trust = office.trust()
    assert trust.host_revoked_at(trust.certificate(said.text), said.text) is None


def test_a_directory_is_confirmed_in_its_own_role(office: Office, key: IssuedKey) -> None:
    """A directory's installation ID is confirmed when a directory is asked for: it takes a place, is shown as what it
    is, and no host can use it."""
    told = ask(office, key, "d-contoso", role=Role.DIRECTORY)
    assert (told.promised.subject.role.name, told.promised.taken) == ("DIRECTORY", 1)
    assert ask(office, key, "d-contoso", role=Role.DIRECTORY).confirmation == told.confirmation
    assert code(office, key, "d-contoso") == "usage"
    (row,) = given.hosts_of(office.service.ledger, key.row.keyid)
    assert row.slot.way == "directory"
    public = Device("acme.example").signer.public
    device = ask(office, key, public.kid, role=Role.DIRECTORY)
    said = TelephoneCertificate(public, key.row.product_group, device.installation, device.confirmation)
    with pytest.raises(Untrusted):
        office.trust().certificate(said.text)


def test_what_only_hosts_have_is_refused_to_computers(office: Office, key: IssuedKey) -> None:
    """A multiple activation key confirms neither a directory nor a host's place; a host key confirms no computer."""
    mak = issued(office)
    assert code(office, mak, "pc", role=Role.DIRECTORY) == "key_wrong_kind"
    assert code(office, key, "pc", role=Role.COMPUTER) == "key_wrong_kind"
    assert code(office, mak, "pc", replaces="0" * 15) == "usage"
    assert code(office, issued(office, kind="retail", product="windows-7-professional"), "pc") == "key_wrong_kind"
    assert used(office, key) == 0


def test_a_confirmation_is_audited_with_its_place_and_end(office: Office, key: IssuedKey) -> None:
    """The audit has each new confirmation of a host: whose place it is, which computer, until when."""
    told = ask(office, key, "host")
    ask(office, key, "host")
    rows = office.service.ledger.execute("SELECT act, detail FROM audit WHERE subject = ?", (key.row.keyid,)).fetchall()
    (detail,) = [json.loads(row[1]) for row in rows if row[0] == "host confirmed by telephone"]
    until = month_end(told.promised.header.last_month) - 1
    assert detail == {"host": told.promised.host_id, "channel": "center", "dev": named_dev("host"), "until": until}


def test_what_was_promised_before_a_crash_is_what_is_told_after_it(office: Office, key: IssuedKey) -> None:
    """A service that ended between the record and the signature signs the same for the same ID, and its list too."""
    first = ask(office, key, "host 0")
    held = read(key.key, "acme.example")
    said = make_installation_id(held.derived.proof_key, keyid=held.keyid, dev=named_dev("host 1"))
    wish = Wish(replaces=first.promised.host_id)
    with writing(office.service.ledger):
        promised = put_confirmation(office.service, said.qr, act=office.act, channel="center", wish=wish)
    assert isinstance(promised, Promised)
    service = office.again()
    told = confirm_installation(service, said.qr, act=office.act, channel="center", wish=wish)
    assert (told.promised.header, told.promised.repeated, used(office, key)) == (promised.header, True, 1)
    assert [entry.dev for entry in office.trust().revocations.telephone] == [named_dev("host 0")]


def test_a_shorter_time_in_the_catalog_takes_nothing_back(office: Office, key: IssuedKey) -> None:
    """A confirmation that was given for longer than the catalog gives now is told again until it is over."""
    first = ask(office, key, "host")
    catalog = current_catalog(office.service).catalog
    policy = structs.replace(catalog.policy, telephone_months=1)
    publish(office.service, structs.replace(catalog, policy=policy), act=office.act)
    office.time.go(140 * DAY)
    assert ask(office, key, "host").confirmation == first.confirmation
    office.time.go(60 * DAY)
    assert ask(office, key, "host").promised.header.last_month == month_of(office.service.clock.now()) + 1
