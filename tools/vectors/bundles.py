"""Vectors of P-9: bundles and the answers to them, and the ways in which they are damaged."""

from collections.abc import Iterable

import msgspec

from vectors import cast
from vectors.answers import ACTIVATE, NEWEST, answer
from vectors.cast import DEVICE, OTHER_DEVICE, rid
from vectors.credentials import ACTIVATION, sign
from vectors.form import File, Vector, code, value
from volact.credential.encoding import digest
from volact.credential.request import sign_request
from volact.errors import Refusal
from volact.protocol import messages
from volact.protocol.bundles import Row, bundle_lines, read_row
from volact.protocol.messages import Answer
from volact.protocol.results import Documents, answer_lines, granted_line, refused_line
from volact.protocol.seals import sealed

replace = msgspec.structs.replace
BY = (DEVICE, OTHER_DEVICE, DEVICE)
REQUESTS = [sign_request(replace(ACTIVATE, rid=rid(f"row {number}")), key) for number, key in enumerate(BY)]
ROWS = sorted(read_row(request)[0] for request in REQUESTS)
FOREIGN = read_row(sign_request(replace(ACTIVATE, aud="other.example"), DEVICE))[0]
HEAD = b'{"bundle":1,"publisher":"' + cast.PUBLISHER.encode() + b'"}'
DOCUMENTS = Documents(
    publisher=cast.PUBLISHER, versions=NEWEST, roots=(cast.SIGNED_1.decode(),), catalog=cast.catalog(),
    revocations=cast.revocations(),
)  # fmt: skip
GRANT = messages.decode(Answer, answer(sign(ACTIVATION)).encode())
REFUSED = Refusal("mak_exhausted", "all activations of the key are used")
RESULTS = [granted_line(ROWS[0].digest, GRANT), *(refused_line(row.digest, REFUSED) for row in ROWS[1:])]


def _text(lines: Iterable[bytes]) -> str:
    return b"".join(lines).decode()


def _bundle(rows: Iterable[Row] = ROWS) -> str:
    return _text(bundle_lines(cast.PUBLISHER, rows))


def _resealed(head: bytes, *lines: bytes) -> str:
    return _text(sealed(head, lines))


def _damaged(row: int | None) -> dict[str, object]:
    return code("bundle_damaged", row=row)


WHOLE, LINES = _bundle(), [row.line for row in ROWS]
ANSWER = _text(answer_lines(DOCUMENTS, RESULTS))
READ = {"publisher": cast.PUBLISHER, "rows": [row.digest for row in ROWS]}
HALF = WHOLE[: len(WHOLE) // 2]
SPACED = LINES[1].replace(b'","', b'", "')
BUNDLES = [
    ("three rows", "P-9.2", WHOLE, value(READ)),
    ("no row", "P-9.1", _bundle(()), value({"publisher": cast.PUBLISHER, "rows": []})),
    ("nothing", "P-9.1", "", _damaged(None)),
    ("cut inside a row", "P-9.1", HALF, _damaged(HALF.count("\n"))),
    ("cut between rows", "P-9.1", HALF[: HALF.rindex("\n") + 1], _damaged(None)),
    ("without its last line feed", "P-9.1", WHOLE[:-1], _damaged(4)),
    ("one byte changed", "P-9.1", WHOLE.replace('"bundle":1', '"bundle": 1'), _damaged(None)),
    ("a row taken out", "P-9.1", WHOLE.replace(LINES[1].decode() + "\n", ""), _damaged(None)),
    ("a seal of another number", "P-9.1", WHOLE.replace('"rows":3', '"rows":4'), _damaged(None)),
    ("a line behind the seal", "P-9.1", WHOLE + "{}\n", _damaged(4)),
    ("a row twice", "P-9.2", _bundle((ROWS[0], ROWS[0])), _damaged(2)),
    ("rows in another order", "P-9.2", _bundle(ROWS[::-1]), _damaged(2)),
    ("a row for another publisher", "P-9.2", _bundle((FOREIGN,)), _damaged(1)),
    ("white space in a row", "P-9.2", _resealed(HEAD, LINES[0], SPACED), _damaged(2)),
    ("a row that is no request", "P-9.2", _resealed(HEAD, b"{}"), _damaged(1)),
    ("a row longer than 16 KiB", "P-9.2", _resealed(HEAD, LINES[0] + b" " * 16_384), _damaged(1)),
    ("a head of a later version", "P-9.2", _resealed(HEAD.replace(b"1", b"2", 1)), _damaged(0)),
    ("a head without publisher", "P-9.2", _resealed(b'{"bundle":1}'), _damaged(0)),
]  # fmt: skip
NAMED = b'{"digest":"' + digest(b"row").encode() + b'"'
ANSWERS = [
    ("a grant and two refusals", "P-9.5", ANSWER, value({
        "publisher": cast.PUBLISHER, "versions": msgspec.to_builtins(NEWEST),
        "rows": [{"digest": ROWS[0].digest, "credential": GRANT.credential}]
        + [{"digest": row.digest, "code": "mak_exhausted"} for row in ROWS[1:]],
    })),
    ("a result taken out", "P-9.1", ANSWER.replace(RESULTS[1].decode() + "\n", ""), _damaged(None)),
    ("a result twice", "P-9.5", _text(answer_lines(DOCUMENTS, RESULTS[:1] * 2)), _damaged(2)),
    ("neither credential nor problem", "P-9.4", _text(answer_lines(DOCUMENTS, [NAMED + b"}"])), _damaged(1)),
    ("a digest of another form", "P-9.4", _text(answer_lines(DOCUMENTS, [NAMED + b',"digest":"A"}'])), _damaged(1)),
    ("a problem without code", "P-9.4", _text(answer_lines(DOCUMENTS, [NAMED + b',"problem":{}}'])), _damaged(1)),
    ("a bundle for an answer", "P-9.5", WHOLE, _damaged(0)),
]  # fmt: skip
FILES: tuple[File, ...] = (
    File(
        "bundles",
        "Bundles of requests: what is read, and what is damaged.",
        tuple(Vector(name, clause, {"bundle": text}, expected) for name, clause, text, expected in BUNDLES),
    ),
    File(
        "bundle-answers",
        "Answers to bundles: what is read, and what is damaged.",
        tuple(Vector(name, clause, {"answers": text}, expected) for name, clause, text, expected in ANSWERS),
    ),
)
