"""How the vectors of telephone codes and call sheets are judged."""

from collections.abc import Mapping
from typing import Any

from volact.credential.request import parse_request
from volact.credential.telephone.confirmation import read_confirmation_id
from volact.credential.telephone.installation import make_installation_id, named_dev, read_installation_id
from volact.credential.telephone.keys import TelephoneKey, TelephoneSigner
from volact.errors import Refusal
from volact.protocol.callsheets import check_belongs, read_call_sheet
from volact.protocol.confirming import heard_confirmation

Given = Mapping[str, Any]


def installation_ids(given: Given) -> Any:
    """An installation ID in both forms, what one says, whether it holds for a proof key, or what stands for a dev."""
    if "named" in given:
        return named_dev(given["named"])
    if "proof_key" in given:
        made = make_installation_id(bytes.fromhex(given["proof_key"]), keyid=given["keyid"], dev=given["dev"])
        return {"digits": " ".join(made.groups), "keyboard": " ".join(made.keyboard)}
    read = read_installation_id(given["text"])
    if isinstance(read, Refusal):
        return read
    if "holds_for" in given:
        return read.holds(bytes.fromhex(given["holds_for"]))
    return {"keyid": read.keyid, "dev": read.dev, "proof": f"{read.proof:08x}"}


def confirmation_ids(given: Given) -> Any:
    """What a confirmation ID says."""
    read = read_confirmation_id(given["text"])
    if isinstance(read, Refusal):
        return read
    return {"slot": read.header.slot, "last_month": read.header.last_month, "signature": read.signature.hex()}


def telephone_keys(given: Given) -> Any:
    """The key of a seed as a JWK, or the bytes of one that is read."""
    if "seed" in given:
        return TelephoneSigner(bytes.fromhex(given["seed"])).public.jwk
    return TelephoneKey.from_jwk(given["jwk"]).raw.hex()


def call_sheets(given: Given) -> Any:
    """Nothing for a call sheet that belongs to its request and takes the confirmation."""
    sheet = read_call_sheet(given["sheet"].encode())
    check_belongs(sheet, parse_request(given["request"].encode()))
    if "confirmation" not in given:
        return None
    heard = heard_confirmation(sheet, given["confirmation"], now=given["now"])
    return heard if isinstance(heard, Refusal) else None
