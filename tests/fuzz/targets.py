"""What is fuzzed: each target takes any bytes, and raises only where a promise of the reader is broken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec

from volact.cli.service.advise import parsed_question
from volact.client.files import lines_of
from volact.client.telephone import is_text_of_ids, read_ids, text_of_ids
from volact.credential.productkey import read_key
from volact.credential.publisher import read_publisher_file, write_publisher_file
from volact.credential.request import parse_request
from volact.credential.telephone import confirmation, installation
from volact.credential.telephone.groups import Form, Forms
from volact.errors import Refusal, VolactError
from volact.licensing.advice import advise, read_question
from volact.licensing.catalogfile import catalog_from, catalog_to, read_catalog_text
from volact.protocol import messages
from volact.protocol.bundles import bundle_lines, read_bundle, read_page, read_row
from volact.protocol.callsheets import read_call_sheet
from volact.protocol.results import read_answers, read_result
from volact.protocol.seals import LINE_LIMIT
from volact.service.exchange.importing import SUBJECTS
from volact.service.exchange.sheet import read_sheet

ROOT = Path(__file__).resolve().parents[2]
PUBLISHER = "acme.example"
CATALOG = read_catalog_text((ROOT / "catalogs" / "demo.toml").read_bytes())


@dataclass(frozen=True, slots=True)
class Target:
    """What is tried, and inputs that it begins from; a `VolactError` is an answer, anything else a finding."""

    attempt: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def installation_id(data: bytes) -> None:
    """What is read as an installation ID is read as the same in both forms that it is written in."""
    read = installation.read_installation_id(_text(data))
    if not isinstance(read, Refusal):
        for written in (read.qr, " ".join(read.groups), "-".join(read.keyboard)):
            assert installation.read_installation_id(written) == read
    else:
        _check_groups(read, installation.FORMS)


def confirmation_id(data: bytes) -> None:
    """What is read as a confirmation ID is read as the same in both forms that it is written in."""
    read = confirmation.read_confirmation_id(_text(data))
    if not isinstance(read, Refusal):
        for written in (read.qr, " ".join(read.groups), "-".join(read.keyboard)):
            assert confirmation.read_confirmation_id(written) == read
    elif read.code == "confirmation_mistyped":
        _check_groups(read, confirmation.FORMS)


def _check_groups(refusal: Refusal, forms: Forms) -> None:
    groups: Any = refusal.fields["groups"]
    assert groups == sorted(set(groups))
    assert all(1 <= group <= forms.digits.groups for group in groups)


def typed_group(data: bytes) -> None:
    """A group that fits is given as it is printed, which fits again, and fits in no other place but ten away."""
    forms: tuple[Form, ...] = (
        installation.FORMS.digits,
        installation.FORMS.keyboard,
        confirmation.FORMS.digits,
        confirmation.FORMS.keyboard,
    )
    if len(data) < 2:
        return
    form, text = forms[data[0] % 4], _text(data[2:])
    index = data[1] % form.groups
    checked = form.check_group(index, text)
    if isinstance(checked, str):
        assert form.check_group(index, checked) == checked
        others = [at for at in range(form.groups) if form.check_group(at, checked) == checked]
        assert form.size == 5 or all((at - index) % 10 == 0 for at in others)


def product_key(data: bytes) -> None:
    """What is read as a product key is read as the same from its printed form, and a position that is named is one."""
    read = read_key(_text(data), PUBLISHER)
    if not isinstance(read, Refusal):
        assert read_key(read.text, PUBLISHER) == read
    else:
        group, position = read.fields.get("group"), read.fields.get("position")
        assert group is None or 1 <= int(str(group)) <= 5
        assert position is None or 1 <= int(str(position)) <= 5


def ids_text(data: bytes) -> None:
    """What is kept of a confirmation, or handed to a computer, is read as it was written."""
    text = data.decode("utf-8", "replace")
    is_text_of_ids(data)
    said, typed = read_ids(text)
    if said is not None and typed.strip() and len(typed.split("\n")) == 1 and ":" not in typed:
        assert read_ids(text_of_ids(said.qr, typed))[0] == said


def request(data: bytes) -> None:
    """What is read as a request is a row of a bundle and a page, and is not believed unless it was signed."""
    signed = parse_request(data)
    row = read_row(data).row
    assert parse_request(row.line).digest == signed.digest
    assert read_page(row.line + b"\n") == (row,)
    with suppress(VolactError):
        signed.check_signature()


def response(data: bytes) -> None:
    """What is read as an answer file is read as the same when it is written again."""
    answer = messages.decode_file(data)
    assert messages.decode_file(messages.encode(answer)) == answer


def bundle(data: bytes) -> None:
    """What is read as a bundle is read as the same when it is made again of its publisher and rows."""
    publisher, rows = read_bundle(lines_of(BytesIO(data), LINE_LIMIT))
    kept = list(rows)
    again, same = read_bundle(list(bundle_lines(publisher, kept)))
    assert (again, list(same)) == (publisher, kept)


def answers(data: bytes) -> None:
    """What is read as the answer to a bundle has a result or a refusal for each row, in order."""
    documents, results = read_answers(lines_of(BytesIO(data), LINE_LIMIT))
    digests = [each.digest for each in results]
    assert digests == sorted(set(digests))
    assert documents.answers == 1


def result(data: bytes) -> None:
    """A line of an answer is a credential or a refusal, and not both."""
    read = read_result(data)
    assert (read.credential is None) != (read.refusal is None)


def call_sheet(data: bytes) -> None:
    """What is read as a call sheet is read as the same when it is written again."""
    sheet = read_call_sheet(data)
    assert read_call_sheet(msgspec.json.encode(sheet)) == sheet


def publisher_file(data: bytes) -> None:
    """What is read as a publisher file is read as the same when it is written again."""
    file = read_publisher_file(data)
    assert read_publisher_file(write_publisher_file(file)) == file


def catalog(data: bytes) -> None:
    """What is read as a catalog is read as the same from the document that is signed."""
    read = read_catalog_text(data)
    assert catalog_from(catalog_to(read)) == read


def question(data: bytes) -> None:
    """What is read as a question has an answer, or a refusal that says why."""
    read = read_question(parsed_question(data), CATALOG)
    if not isinstance(read, Refusal):
        advise(CATALOG, read)


def sheet(data: bytes) -> None:
    """A sheet of any subject has rows with their numbers, each with its cells or why it has none."""
    for kind in SUBJECTS.values():
        with suppress(VolactError):
            rows = read_sheet(data, kind.columns).rows
            assert [row.number for row in rows] == list(range(1, len(rows) + 1))


def _vectors(name: str, *members: str) -> Callable[[], list[bytes]]:
    def seeds() -> list[bytes]:
        file = json.loads((ROOT / "vectors" / f"{name}.json").read_text("utf-8"))
        given = [file["given"] | vector["input"] for vector in file["vectors"]]
        return [
            str(each[member]).encode("utf-8", "surrogatepass") for each in given for member in members if member in each
        ]

    return seeds


def _groups() -> list[bytes]:
    typed = _vectors("confirmation-ids", "text")()[0].split()
    return [bytes([2, at]) + group for at, group in enumerate(typed)]


def _ids() -> list[bytes]:
    said, told = _vectors("installation-ids", "text")()[0], _vectors("confirmation-ids", "text")()[0]
    return [text_of_ids(said.decode(), told.decode()).encode(), told]


def _lines_of_answers() -> list[bytes]:
    return [line for file in _vectors("bundle-answers", "answers")() for line in file.splitlines()[1:-1]]


def _sheets() -> list[bytes]:
    return [
        (",".join(kind.columns.names) + "\n" + "," * len(kind.columns.names)).encode() for kind in SUBJECTS.values()
    ]


def _questions() -> list[bytes]:
    host = {"platform": "linux", "virtual": True, "serves": ["solver-server-9"]}
    said: Mapping[str, Any] = {"product": "tracer-9", "computers": 30, "others": {"tracer-9": 3}, "host": host}
    return [json.dumps(said).encode(), b'{"product": "tracer-9"}']


def _catalogs() -> list[bytes]:
    return [(ROOT / "catalogs" / "demo.toml").read_bytes(), b'format = 1\ntitle = "A"\n']


TARGETS: Mapping[str, Target] = {
    "installation-id": Target(installation_id, _vectors("installation-ids", "text")),
    "confirmation-id": Target(confirmation_id, _vectors("confirmation-ids", "text")),
    "typed-group": Target(typed_group, _groups),
    "ids-text": Target(ids_text, _ids),
    "product-key": Target(product_key, _vectors("product-keys", "text")),
    "request": Target(request, _vectors("requests", "data")),
    "response": Target(response, _vectors("answers", "answer")),
    "bundle": Target(bundle, _vectors("bundles", "bundle")),
    "answers": Target(answers, _vectors("bundle-answers", "answers")),
    "result": Target(result, _lines_of_answers),
    "call-sheet": Target(call_sheet, _vectors("call-sheets", "sheet")),
    "publisher-file": Target(publisher_file, _vectors("publisher-files", "publisher_file")),
    "catalog": Target(catalog, _catalogs),
    "question": Target(question, _questions),
    "sheet": Target(sheet, _sheets),
}
