"""Vectors of C-13 and P-8: installation IDs, confirmation IDs for every role, telephone keys."""

from typing import Any

import msgspec

from vectors import cast
from vectors.cast import DAY, PUBLISHER, T0, drawn, root, root_key
from vectors.form import MALFORMED, File, Vector, code, value
from volact.credential.encoding import b64, unb64
from volact.credential.lists import RevokedConfirmation, RevokedKey
from volact.credential.publisher import write_publisher_file
from volact.credential.root import RootKey, sign_root
from volact.credential.telephone.confirmation import (
    FORMS,
    ConfirmationId,
    Header,
    Role,
    Subject,
    confirm,
    month_of,
    named_host,
    signed_message,
)
from volact.credential.telephone.installation import FORMS as INSTALLATION_FORMS
from volact.credential.telephone.installation import InstallationId, make_installation_id, named_dev
from volact.credential.telephone.keys import TelephoneSigner

PROOF_KEY, KEYID, DEV = drawn("proof key"), cast.keyid("mak"), cast.COMPUTER
SIGNER, OTHER_SIGNER = TelephoneSigner(drawn("telephone")), TelephoneSigner(drawn("telephone 2"))
INSTALLATION = make_installation_id(PROOF_KEY, keyid=KEYID, dev=DEV)
OTHER_INSTALLATION = make_installation_id(PROOF_KEY, keyid=KEYID, dev=cast.dev("other computer"))
INVALID = code("confirmation_invalid")
MONTH = month_of(T0)  # January 2027


def telephone_key(signer: Any, slot: int, **changed: Any) -> RootKey:
    """An entry of a root."""
    jwk = signer.public.jwk
    entry = root_key(cast.ISSUING, "telephone", slot=slot, **changed)
    return msgspec.structs.replace(entry, jwk=jwk)


KEYS = (
    *cast.KEYS_1,
    telephone_key(SIGNER, 3),
    telephone_key(OTHER_SIGNER, 4, state="compromised", compromised=T0 + 9 * DAY),
    root_key(cast.ROOT_3, "telephone", slot=6),
)
SIGNED = sign_root(root(2, KEYS), (cast.ROOT_1, cast.ROOT_2))


def publisher_file(**entries: Any) -> str:
    """A publisher file whose root lists telephone keys in slots 3, 4 (compromised) and 6 (of a later version)."""
    listed = cast.revocations(6, iat=T0 + 10 * DAY, **entries)
    return write_publisher_file(cast.publisher_file(cast.SIGNED_1, SIGNED, revocations=listed)).decode()


def subject(role: Role = Role.COMPUTER, installation: InstallationId = INSTALLATION, **changed: Any) -> Subject:
    """What is confirmed."""
    return Subject(role, installation=installation, **{"group": 10, "publisher": PUBLISHER, **changed})


FOR_EVER = Header(3)


def confirmed(said: Subject, header: Header = FOR_EVER, *, signer: TelephoneSigner = SIGNER) -> ConfirmationId:
    """A confirmation; its mask leaves no trace."""
    return confirm(said, header, signer=signer, mask=bytes(48))


def _installation_ids() -> tuple[Vector, ...]:
    made: dict[str, Any] = {"proof_key": PROOF_KEY.hex(), "keyid": KEYID, "dev": DEV}
    read = value({"keyid": KEYID, "dev": DEV, "proof": f"{INSTALLATION.proof:08x}"})
    shown = {"digits": " ".join(INSTALLATION.groups), "keyboard": " ".join(INSTALLATION.keyboard)}
    least = {"proof_key": bytes(32).hex(), "keyid": "0" * 10, "dev": "0" * 15}
    most = {"proof_key": (b"\xff" * 32).hex(), "keyid": "7" + "Z" * 9, "dev": "Z" * 15}
    found = [Vector("made", "C-13.3", made, value(shown))]
    for name, extreme in (("of zeros", least), ("of ones", most)):
        iid = make_installation_id(bytes.fromhex(extreme["proof_key"]), keyid=extreme["keyid"], dev=extreme["dev"])
        out = {"digits": " ".join(iid.groups), "keyboard": " ".join(iid.keyboard)}
        found.append(Vector(f"made {name}", "C-13.3", extreme, value(out)))
    digits, keyboard = shown["digits"], shown["keyboard"]
    readings = {
        "in digits": digits,
        "digits without spaces": INSTALLATION.qr,
        "digits with hyphens": digits.replace(" ", "-"),
        "O for 0, I and l for 1": digits.replace("0", "O").replace("1", "I", 1).replace("1", "l"),
        "in groups of four": " ".join(INSTALLATION.qr[place : place + 4] for place in range(0, 56, 4)),
        "keyboard form": keyboard,
        "keyboard form in lower case": keyboard.lower().replace(" ", ""),
    }
    found += [Vector(name, "C-13.2", {"text": text}, read) for name, text in readings.items()]
    for name, key, said in (("right", PROOF_KEY, True), ("wrong", bytes(32), False)):
        found.append(Vector(f"the {name} proof key", "C-13.3", {"text": digits, "holds_for": key.hex()}, value(said)))
    named = {"a host": "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "a directory": "d-contoso"}
    found += [
        Vector(f"the dev of {who}", "C-13.3", {"named": name}, value(named_dev(name))) for who, name in named.items()
    ]
    return (*found, *_installation_ids_mistyped())


def _installation_ids_mistyped() -> list[Vector]:
    def mistyped(*groups: int) -> dict[str, Any]:
        return code("installation_id_mistyped", groups=list(groups))

    groups, symbols = list(INSTALLATION.groups), list(INSTALLATION.keyboard)
    number = INSTALLATION.number
    later, beyond = (number & (1 << 155) - 1) | 2 << 155, number | 1 << 159
    digits = groups[0][0]
    wrong = str((int(digits) + 1) % 10) + groups[0][1:]
    turned = groups[2][::-1]
    cases: dict[str, tuple[str, dict[str, Any]]] = {
        "one wrong digit": (" ".join([wrong, *groups[1:]]), mistyped(1)),
        "a group backwards and one wrong": (
            " ".join([wrong, groups[1], turned, *groups[3:]]), mistyped(1, 3)),
        "two groups in each other's places": (" ".join([*groups[:3], groups[4], groups[3], *groups[5:]]),
                                              mistyped(4, 5)),
        "a digit missing": ("".join([*groups[:5], groups[5][:-1], *groups[6:]]), mistyped(6)),
        "a digit missing, groups apart": (" ".join([*groups[:5], groups[5][1:], *groups[6:]]), mistyped(6)),
        "a group twice": ("".join([*groups[:4], groups[3], *groups[4:]]), mistyped(4)),
        "a group missing": (" ".join([*groups[:6], groups[7]]), mistyped(7)),
        "a letter that is no digit": (" ".join([*groups[:7], "B" + groups[7][1:]]), mistyped(8)),
        "digits of another script": (" ".join([*groups[:7], "\u0664" + groups[7][1:]]), mistyped(8)),
        "nothing": ("", mistyped(*range(1, 9))),
        "keyboard form, a group in another's place": (
            " ".join([symbols[1], *symbols[1:]]), mistyped(1)),
        "keyboard form, a symbol missing": ("".join([*symbols[:7], symbols[7][:-1]]), mistyped(8)),
        "of a later version": (" ".join(INSTALLATION_FORMS.digits.write(later)), mistyped(1)),
        "of 160 bits": (" ".join(INSTALLATION_FORMS.digits.write(beyond)), mistyped(1)),
    }  # fmt: skip
    clauses = {"of a later version": "C-13.3", "of 160 bits": "C-13.3"}
    return [Vector(name, clauses.get(name, "C-13.2"), {"text": text}, out) for name, (text, out) in cases.items()]


def _confirmation_ids() -> tuple[Vector, ...]:
    one = confirmed(subject(), Header(3, MONTH))
    read = value({"slot": 3, "last_month": MONTH, "signature": one.signature.hex()})
    found = [
        Vector("in digits", "C-13.4", {"text": " ".join(one.groups)}, read),
        Vector("digits without spaces", "C-13.2", {"text": one.qr}, read),
        Vector("keyboard form", "C-13.4", {"text": "".join(one.keyboard).lower()}, read),
    ]
    groups = list(one.groups)
    far = [*groups[:2], groups[12], *groups[3:]]
    cases: dict[str, tuple[list[str], dict[str, Any]]] = {
        "a digit missing": ([*groups[:19], groups[19][:-1]], code("confirmation_mistyped", groups=[20])),
        "two neighbors swapped across groups": (
            _swapped(groups, 6), code("confirmation_mistyped", groups=[7, 8])),
        "a group in another's place": (
            [*groups[:4], groups[5], *groups[5:]], code("confirmation_mistyped", groups=[5])),
        "an installation ID": (list(INSTALLATION.groups), code("confirmation_mistyped", groups=list(range(1, 21)))),
        "another suite": (list(FORMS.digits.write(one.number ^ 3 << 394)), INVALID),
        "of 399 bits": (list(FORMS.digits.write(one.number % (1 << 394) | 1 << 398)), INVALID),
        "x beyond the field": (list(FORMS.digits.write(one.number | (1 << 381) - 1)), INVALID),
    }  # fmt: skip
    found += [
        Vector(name, "C-13.4" if out is INVALID else "C-13.2", {"text": " ".join(text)}, out)
        for name, (text, out) in cases.items()
    ]
    point = read_point(far)
    found.append(Vector("a group ten places off is read", "C-13.2", {"text": " ".join(far)}, value(point)))
    return tuple(found)


def _swapped(groups: list[str], index: int) -> list[str]:
    """The last digit of one group swapped with the first of the next; they differ in these vectors."""
    one, other = groups[index], groups[index + 1]
    assert one[-1] != other[0]
    return [*groups[:index], one[:-1] + other[0], one[-1] + other[1:], *groups[index + 2 :]]


def read_point(groups: list[str]) -> dict[str, Any]:
    """What such groups say, whether or not anybody signed it."""
    number = int("".join(group[:-1] for group in groups))
    point = (4 | number >> 381 & 1) << 381 | number & (1 << 381) - 1
    return {"slot": number >> 390 & 15, "last_month": number >> 382 & 255, "signature": f"{point:096x}"}


def _subject(said: Subject) -> dict[str, Any]:
    return {
        "role": said.role.name.lower(),
        "group": said.group,
        "publisher": said.publisher,
        "installation": " ".join(said.installation.groups),
    }


HOST = subject(Role.HOST, make_installation_id(PROOF_KEY, keyid=KEYID, dev=named_dev(cast.HOST.public.kid)))
DIRECTORY = subject(Role.DIRECTORY, make_installation_id(PROOF_KEY, keyid=KEYID, dev=named_dev("d-contoso")))
ENDING = Header(3, MONTH + 12)
EACH_ROLE = ((subject(), FOR_EVER), (subject(), Header(3, MONTH)), (HOST, ENDING), (DIRECTORY, ENDING))


def _signed() -> list[Vector]:
    found = []
    for said, header in EACH_ROLE:
        given = {**_subject(said), "slot": header.slot, "last_month": header.last_month}
        out = {
            "message": signed_message(said, header).hex(),
            "confirmation": " ".join(confirmed(said, header).groups),
            "host": named_host(said, header),
        }
        name = f"signed for a {said.role.name.lower()}, last month {header.last_month}"
        found.append(Vector(name, "C-13.6", {**given, "seed": drawn("telephone").hex()}, value(out)))
    return found


Judged = tuple[str, str, ConfirmationId, Subject, int, Any]


def _believed() -> list[Judged]:
    return [
        (f"believed for a {said.role.name.lower()}, last month {header.last_month}", "P-8.1",
         confirmed(said, header), said, T0, value(None))
        for said, header in EACH_ROLE
    ]  # fmt: skip


def _made_for_others() -> list[Judged]:
    others = {
        "another computer": subject(installation=OTHER_INSTALLATION),
        "another key": subject(installation=make_installation_id(PROOF_KEY, keyid=cast.keyid("other"), dev=DEV)),
        "another proof": subject(installation=make_installation_id(bytes(32), keyid=KEYID, dev=DEV)),
        "another publisher": subject(publisher="other.example"),
        "another product group": subject(group=11),
    }
    one = confirmed(subject())
    found: list[Judged] = [(f"one of {name}", "C-13.6", one, said, T0, INVALID) for name, said in others.items()]
    by_role = {role: confirmed(subject(role), ENDING) for role in Role}
    found += [
        (f"a {signed.name.lower()}'s for a {role.name.lower()}", "C-13.6", by_role[signed], subject(role), T0, INVALID)
        for role in Role
        for signed in Role
        if role is not signed
    ]
    return found


def _at_the_edges() -> list[Judged]:
    good, now = value(None), T0
    one, monthly, host = confirmed(subject()), confirmed(subject(), Header(3, MONTH)), confirmed(HOST, ENDING)
    other_month = ConfirmationId(Header(3, MONTH + 1), monthly.signature)
    endless = ConfirmationId(FOR_EVER, SIGNER.sign(signed_message(HOST, FOR_EVER), bytes(48)))
    long = confirmed(HOST, Header(3, MONTH + 13))
    outside = ConfirmationId(FOR_EVER, bytes.fromhex("80" + "00" * 46 + "04"))
    february, last_day = 1_801_440_000, 1_832_889_600  # 1 February 2027, 31 January 2028
    return [
        ("another month than was signed", "C-13.6", other_month, subject(), now, INVALID),
        ("an empty slot", "P-8.1", confirmed(subject(), Header(5)), subject(), now, INVALID),
        ("another slot than was signed", "C-13.6", ConfirmationId(Header(4), one.signature), subject(), now, INVALID),
        ("a slot with a key of a later version", "P-8.1", confirmed(subject(), Header(6)), subject(), now, INVALID),
        ("a point outside of the group", "C-13.6", outside, subject(), now, INVALID),
        ("its last second", "C-13.4", monthly, subject(), february - 1, good),
        ("its last month is over", "C-13.7", monthly, subject(), february, INVALID),
        ("a host without an end", "C-13.7", endless, HOST, now, INVALID),
        ("a host for thirteen months", "C-13.7", long, HOST, now, INVALID),
        ("a host, a month later", "C-13.7", long, HOST, february, good),
        ("a host in its last month", "C-13.7", host, HOST, last_day, good),
    ]


def _confirmations() -> tuple[Vector, ...]:
    found = _signed()
    text = " ".join(confirmed(subject()).groups)[:-1]
    mistyped = {**_subject(subject()), "confirmation": text, "now": T0}
    found.append(Vector("a digit missing", "P-8.1", mistyped, code("confirmation_mistyped", groups=[20])))
    for name, clause, confirmation, said, now, out in (*_believed(), *_made_for_others(), *_at_the_edges()):
        given = {**_subject(said), "confirmation": " ".join(confirmation.groups), "now": now}
        found.append(Vector(name, clause, given, out))
    compromised = confirmed(subject(), Header(4), signer=OTHER_SIGNER)
    listed: dict[str, tuple[ConfirmationId, dict[str, Any], int | None]] = {
        "not revoked": (confirmed(subject()), {}, None),
        "by a compromised key": (compromised, {}, T0 + 9 * DAY),
        "the key is on the list": (confirmed(subject()), {"keys": (RevokedKey(KEYID, T0 + 7),)}, T0 + 7),
        "key and dev are on the list": (
            compromised, {"telephone": (RevokedConfirmation(KEYID, DEV, T0 + 8),)}, T0 + 8),
        "another dev is on the list": (
            confirmed(subject()), {"telephone": (RevokedConfirmation(KEYID, cast.dev("another"), T0),)}, None),
    }  # fmt: skip
    for name, (confirmation, entries, at) in listed.items():
        given = {
            **_subject(subject()),
            "confirmation": " ".join(confirmation.groups),
            "now": T0,
            "revoked": True,
            "publisher_file": publisher_file(**entries),
        }
        found.append(Vector(name, "P-8.2", given, value(at)))
    return tuple(found)


def _telephone_keys() -> tuple[Vector, ...]:
    jwk = SIGNER.public.jwk
    raw = unb64(jwk["x"])
    found = [
        Vector("made of a seed", "C-13.5", {"seed": drawn("telephone").hex()}, value(jwk)),
        Vector("read", "C-13.5", {"jwk": jwk}, value(raw.hex())),
    ]
    bad: dict[str, Any] = {
        "a member more": {**jwk, "alg": "BLS"},
        "a private member": {**jwk, "d": "AAAA"},
        "another curve": {**jwk, "crv": "BLS12381G1"},
        "no x": {"kty": "OKP", "crv": "BLS12381G2"},
        "x that is no text": {**jwk, "x": 1},
        "x of 95 bytes": {**jwk, "x": b64(raw[:-1])},
        "not compressed": {**jwk, "x": b64(bytes([raw[0] & 0x7F]) + raw[1:])},
        "the neutral point": {**jwk, "x": b64(b"\xc0" + bytes(95))},
        "the neutral point, spelled otherwise": {**jwk, "x": b64(b"\xc0" + bytes(94) + b"\1")},
        "a point outside of the group": {**jwk, "x": b64(b"\x80" + bytes(94) + b"\2")},
        "a list": [jwk],
    }
    return tuple(found + [Vector(name, "C-13.5", {"jwk": said}, MALFORMED) for name, said in bad.items()])


GIVEN = {"pin": cast.PIN.text, "publisher_file": publisher_file()}
FILES = (
    File("installation-ids", "Installation IDs: made, read, and whether they hold.", _installation_ids()),
    File("confirmation-ids", "A typed confirmation ID: what it says, not judged yet.", _confirmation_ids()),
    File("confirmations", "Signed confirmations, and whether one is believed or revoked.", _confirmations(), GIVEN),
    File("telephone-keys", "Telephone keys, made of a seed or read.", _telephone_keys()),
)
