"""Runs vectors/: every vector gives the value or the code that it says."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest
from vectors.__main__ import FILES

from tests.conftest import ROOT
from tests.vectors.telephone import call_sheets, confirmation_ids, installation_ids, telephone_keys
from volact.credential import identity, jws, merkle, strictjson
from volact.credential.checkpoint import Entry, contradiction, entry_leaf
from volact.credential.claims import Activation
from volact.credential.encoding import b64, crockford, unb64, uncrockford
from volact.credential.keys import PublicKey
from volact.credential.productkey import ProductKey, read_key
from volact.credential.proof import ProofContext, derive, make_proof, proof_hash, proof_holds
from volact.credential.publisher import Pin, read_publisher_file
from volact.credential.request import parse_request
from volact.credential.root import check_first, check_next, parse_root
from volact.credential.telephone.confirmation import (
    Header,
    Role,
    Subject,
    confirm,
    named_host,
    read_confirmation_id,
    signed_message,
)
from volact.credential.telephone.installation import (
    InstallationId,
    read_installation_id,
)
from volact.credential.telephone.keys import TelephoneSigner
from volact.errors import Refusal, Refused, VolactError
from volact.protocol import messages, problems
from volact.protocol.bundles import read_bundle
from volact.protocol.confirming import believe_confirmation, confirmation_revoked_at
from volact.protocol.messages import Answer
from volact.protocol.results import Result, read_answers
from volact.protocol.trust import Trust

FOLDER = ROOT / "vectors"
Given = Mapping[str, Any]


def encodings(given: Given) -> Any:
    """Bytes and numbers as hexadecimal text; what is read is also written back."""
    if "base64url" in given:
        data = unb64(given["base64url"])
        assert b64(data) == given["base64url"]
        return data.hex()
    number = uncrockford(given["crockford"], given["symbols"])
    assert crockford(number, given["symbols"]) == given["crockford"]
    return hex(number)[2:]


def strict_json(given: Given) -> Any:
    """The value of a text."""
    return strictjson.loads(bytes.fromhex(given["hex"]), **({"limit": given["limit"]} if "limit" in given else {}))


def jws_compact(given: Given) -> Any:
    """The payload of a token that the key signed."""
    token = jws.parse_compact(given["token"], typ=given["typ"])
    jws.check(token, PublicKey.from_jwk(given["jwk"]))
    return {"payload": b64(token.payload)}


def jws_json(given: Given) -> Any:
    """The payload of a token in JSON."""
    data = given["json"].encode()
    if given["form"] == "flattened":
        return {"payload": b64(jws.parse_flattened(data, typ="volact-request+jws").payload), "signatures": 1}
    tokens = jws.parse_general(data, typ="volact-root+jws")
    return {"payload": b64(tokens[0].payload), "signatures": len(tokens)}


def keys(given: Given) -> Any:
    """Algorithm and thumbprint of a key."""
    key = PublicKey.listed(given["listed"]) if "listed" in given else PublicKey.from_jwk(given["jwk"])
    return {"alg": key.alg, "kid": key.kid}


def signatures(given: Given) -> Any:
    """Whether a signature holds."""
    key = PublicKey.from_jwk(given["jwk"])
    return key.verify(unb64(given["signature"]), bytes.fromhex(given["message"]))


def product_keys(given: Given) -> Any:
    """What a typed key says."""
    key = read_key(given["text"], given["publisher"])
    if isinstance(key, Refusal):
        return key
    return {"kind": key.kind.word, "group": key.group, "random": f"{key.random:019x}", "data": key.data.hex()}


def proofs(given: Given) -> Any:
    """A proof, whether it holds, or what a key becomes."""
    if "key" in given:
        key = read_key(given["key"], given["tag_of"])
        assert isinstance(key, ProductKey)
        derived = derive(key, given["publisher"])
        return {"keyid": derived.keyid, "proof_key": derived.proof_key.hex()}
    context = ProofContext(**{name: given[name] for name in ("jkt", "aud", "op", "rid", "dev", "product")})
    proof_key = bytes.fromhex(given["proof_key"])
    return (
        proof_holds(given["proof"], proof_key, context=context) if "proof" in given else make_proof(proof_key, context)
    )


def identities(given: Given) -> Any:
    """A computer's vector, dev and mv."""
    vector = identity.hash_components(given["components"], given["publisher"])
    dev = identity.device_id(vector, given["publisher"])
    return {"vector": vector, "dev": dev, "mv": identity.vector_mark(vector)}


def requests(given: Given) -> Any:
    """A request whose signature holds; unwritten members are those that are null."""
    signed = parse_request(given["data"].encode())
    signed.check_signature()
    said = json.loads(msgspec.json.encode(signed.request))
    return {"request": said, "jkt": signed.jkt, "digest": signed.digest}


def roots_first(given: Given) -> Any:
    """A first root version."""
    signed = parse_root(given["root"].encode())
    check_first(signed, given["pin_hash"])
    return {"version": signed.root.version, "hash": signed.hash}


def roots_next(given: Given) -> Any:
    """A root version after another."""
    signed = parse_root(given["next"].encode())
    check_next(parse_root(given["current"].encode()).root, signed)
    return {"version": signed.root.version}


def load(given: Given) -> Trust:
    """Who believes the publisher file."""
    return Trust.load(Pin.parse(given["pin"]), read_publisher_file(given["publisher_file"].encode()))


def versions(trust: Trust) -> Any:
    """What is believed."""
    return msgspec.to_builtins(trust.versions)


def pins(given: Given) -> Any:
    """A pin."""
    pin = Pin.parse(given["pin"])
    assert Pin.parse(pin.text) == pin
    return {"hash": pin.hash, "root": pin.root, "catalog": pin.catalog, "revocations": pin.revocations}


def updates(given: Given) -> Any:
    """The versions after every step."""
    trust = load(given)
    for step in given["steps"]:
        match step["kind"]:
            case "root":
                trust = trust.with_root(step["text"].encode())
            case "catalog":
                trust = trust.with_catalog(step["text"])
            case _:
                trust = trust.with_revocations(step["text"])
    return versions(trust)


def credentials(given: Given) -> Any:
    """The claims of a credential, or from when on it is revoked."""
    trust = load(given)
    if "activation" in given:
        said: Any = trust.activation(given["activation"])
        revoked = trust.revoked_at(Activation, given["activation"])
    elif "lease" in given:
        said, _ = trust.lease(given["lease"], given["certificate"])
        revoked = trust.lease_revoked_at(said, given["certificate"])
    else:
        said = trust.certificate(given["certificate"])
        revoked = trust.host_revoked_at(said, given["certificate"])
    return revoked if "revoked_at" in given else json.loads(msgspec.json.encode(said))


def grants(given: Given) -> Any:
    """The claims of a setup grant, whether a key is listed in it, or from when on it is revoked for a key."""
    trust = load(given)
    grant = trust.grant(given["grant"])
    if "key" in given:
        key = read_key(given["key"], given["publisher"])
        assert isinstance(key, ProductKey)
        return proof_hash(derive(key, given["publisher"]).proof_key) in grant.keys
    if "keyid" in given:
        return trust.grant_revoked_at(given["grant"], given["keyid"])
    return json.loads(msgspec.json.encode(grant))


def log(given: Given) -> Any:
    """A leaf, a root, whether a proof holds, a checkpoint's claims, or whether two checkpoints contradict."""
    trust = load(given)
    if "entry" in given:
        entry = msgspec.convert(given["entry"], Entry)
        leaf = entry_leaf(entry, bytes.fromhex(given["salt"]))
        return {"canonical": entry.canonical.hex(), "leaf": leaf.hex()}
    if "leaves" in given:
        frontier = merkle.Frontier()
        for leaf_text in given["leaves"]:
            frontier, _ = frontier.grown(bytes.fromhex(leaf_text))
        return frontier.root.hex()
    if "proof" in given:
        return _holds(given, [unb64(each) for each in given["proof"]])
    if "kept" in given:
        return contradiction(trust.checkpoint(given["kept"]), trust.checkpoint(given["other"])) is not None
    return json.loads(msgspec.json.encode(trust.checkpoint(given["checkpoint"])))


def _holds(given: Given, proof: list[bytes]) -> bool:
    if "leaf" in given:
        leaf, root = bytes.fromhex(given["leaf"]), bytes.fromhex(given["root"])
        return merkle.included(leaf, given["index"], size=given["size"], proof=proof, root=root)
    roots = {name: bytes.fromhex(given[name]) for name in ("first_root", "second_root")}
    return merkle.consistent(given["first"], given["second"], proof=proof, **roots)


def answers(given: Given) -> Any:
    """The jti of the credential that is believed."""
    asked = parse_request(given["request"].encode())
    return load(given).answer(asked, messages.decode(Answer, given["answer"].encode())).claims.jti


def refusals(given: Given) -> Any:
    """A refusal, read and, where its code is known, written back."""
    refusal = problems.from_problem(given["problem"].encode())
    if "status" in given:
        status, body = problems.to_problem(refusal, json.loads(given["problem"])["instance"])
        assert (status, json.loads(body)) == (given["status"], json.loads(given["problem"]))
    return Refusal(refusal.code, "", {"fields": dict(refusal.fields), "detail": refusal.detail})


def confirmations(given: Given) -> Any:
    """A signed confirmation, whether one is believed (null), or from when on it is revoked."""
    installation = read_installation_id(given["installation"])
    assert isinstance(installation, InstallationId)
    said = Subject(Role[given["role"].upper()], given["group"], given["publisher"], installation)
    if "seed" in given:
        header, signer = Header(given["slot"], given["last_month"]), TelephoneSigner(bytes.fromhex(given["seed"]))
        confirmation = confirm(said, header, signer=signer, mask=bytes(range(48)))
        assert read_confirmation_id(confirmation.qr) == confirmation
        message, host = signed_message(said, header).hex(), named_host(said, header)
        return {"message": message, "confirmation": " ".join(confirmation.groups), "host": host}
    trust = load(given)
    believed = believe_confirmation(trust, given["confirmation"], subject=said, now=given["now"])
    if isinstance(believed, Refusal):
        return believed
    return confirmation_revoked_at(trust, believed, subject=said) if "revoked" in given else None


def telephone_hosts(given: Given) -> Any:
    """What a believed telephone certificate says, a lease under it, or from when on either is revoked."""
    said = credentials(given)
    if isinstance(said, dict) and "rid" in said and not said["rid"]:  # what no request asked for
        said = {name: value for name, value in said.items() if name != "rid"}
    return said


def bundles(given: Given) -> Any:
    """The publisher and the digests of a bundle's rows."""
    try:
        publisher, rows = read_bundle(given["bundle"].encode().splitlines(keepends=True))
        return {"publisher": publisher, "rows": [row.digest for row in rows]}
    except Refused as err:
        return err.refusal


def bundle_answers(given: Given) -> Any:
    """The head's publisher and versions, and what became of each row."""
    try:
        documents, results = read_answers(given["answers"].encode().splitlines(keepends=True))
        rows = [_became(result) for result in results]
    except Refused as err:
        return err.refusal
    said = {"publisher": documents.publisher, "versions": msgspec.to_builtins(documents.versions)}
    return {**said, "rows": rows}


def _became(result: Result) -> Any:
    if result.refusal is not None:
        return {"digest": result.digest, "code": result.refusal.code}
    return {"digest": result.digest, "credential": result.credential}


RUN: dict[str, Callable[[Given], Any]] = {
    "encodings": encodings,
    "strict-json": strict_json,
    "jws-compact": jws_compact,
    "jws-json": jws_json,
    "keys": keys,
    "signatures": signatures,
    "product-keys": product_keys,
    "proofs": proofs,
    "identity": identities,
    "requests": requests,
    "roots-first": roots_first,
    "roots-next": roots_next,
    "publisher-files": lambda given: versions(load(given)),
    "pins": pins,
    "updates": updates,
    "credentials": credentials,
    "revoked": credentials,
    "grants": grants,
    "log": log,
    "installation-ids": installation_ids,
    "confirmation-ids": confirmation_ids,
    "confirmations": confirmations,
    "telephone-hosts": telephone_hosts,
    "call-sheets": call_sheets,
    "telephone-keys": telephone_keys,
    "answers": answers,
    "problems": refusals,
    "bundles": bundles,
    "bundle-answers": bundle_answers,
}


def outcome(file: str, given: Given) -> dict[str, Any]:
    """The value or the code, with its fields where the vector names some."""
    try:
        said = RUN[file](given)
    except VolactError as err:
        return {"code": err.code}
    return {"code": said.code, **said.fields} if isinstance(said, Refusal) else {"value": said}


def read(file: str) -> Any:
    """A file of vectors, as it is committed."""
    return json.loads((FOLDER / f"{file}.json").read_text("utf-8"))


CASES = [pytest.param(file, vector, id=f"{file}: {vector['name']}") for file in RUN for vector in read(file)["vectors"]]


@pytest.mark.parametrize(("file", "vector"), CASES)
def test_every_vector_gives_what_it_says(file, vector):
    """Every vector gives the value that it expects, or is refused with the code that it expects."""
    assert outcome(file, read(file)["given"] | vector["input"]) == vector["expected"]


def test_every_file_is_run_and_made():
    """Every file of vectors is made by the generator and run by the tests, and names are unique in it."""
    committed = {path.stem for path in FOLDER.glob("*.json")}
    assert committed == set(RUN) == {file.name for file in FILES}
    assert all(len({vector.name for vector in file.vectors}) == len(file.vectors) for file in FILES)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_vectors_are_made_again_byte_for_byte(file):
    """The generator, run again, makes the committed files byte for byte."""
    assert (FOLDER / f"{file.name}.json").read_bytes() == file.text.encode()


def test_every_vector_names_a_clause_of_the_specification():
    """Every vector proves a clause that the specification holds."""
    spec = "".join((ROOT / "docs/spec" / name).read_text("utf-8") for name in ("credential.md", "protocol.md"))
    named = {vector.clause for file in FILES for vector in file.vectors}
    assert not {clause for clause in named if f"**{clause}** " not in spec}
