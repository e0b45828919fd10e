"""The log for whoever watches it: its newest checkpoint, and the proofs between sizes and of one activation (spec S-8).

Hashes of salted entries tell nothing about them. What an entry says is given to those alone who name its activation,
whose id nobody guesses and whose holder knows all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import structs

from volact.credential import merkle
from volact.credential.encoding import b64
from volact.credential.strictjson import dumps
from volact.errors import Refusal, Refused
from volact.service.devices.published import Shelf
from volact.service.ledger import log
from volact.service.ledger.connection import reading
from volact.service.ports import Service
from volact.service.usecases.verifying import receipt_of
from volact.serving.asgi import HttpReply, HttpRequest, Routes

_DIGITS = 12


@dataclass(frozen=True, slots=True)
class LogApi:
    """The handlers; `service` is a connection for reading."""

    service: Service
    shelf: Shelf

    @property
    def routes(self) -> Routes:
        """Method and path of everything that is offered."""
        return {
            ("GET", "/v1/log/checkpoint"): self.checkpoint,
            ("GET", "/v1/log/consistency/{}/{}"): self.consistency,
            ("GET", "/v1/log/inclusion/{}"): self.inclusion,
        }

    async def checkpoint(self, _: HttpRequest) -> HttpReply:
        """The newest checkpoint as it was signed."""
        newest = self.shelf.newest.checkpoint
        if newest is None:
            raise Refused(Refusal("not_found", "no checkpoint of the log was signed yet"))
        return HttpReply(newest.encode(), media="application/jose")

    async def consistency(self, http: HttpRequest) -> HttpReply:
        """What shows that the log of the second size continues the one of the first."""
        first, second = (_size(text) for text in http.part.split("/"))
        if not 1 <= first <= second <= self.shelf.newest.log_size:
            raise Refused(Refusal("not_found", "the log has had no such sizes, the smaller one first"))
        with reading(self.service.ledger):
            proof = merkle.consistency_proof(log.nodes(self.service.ledger), first, second=second)
        return _reply({"first": first, "second": second, "proof": _texts(proof)})

    async def inclusion(self, http: HttpRequest) -> HttpReply:
        """An activation's entry, its salt, and what shows that it is in the log under the newest checkpoint."""
        newest = self.shelf.newest
        with reading(self.service.ledger):
            found = receipt_of(self.service, http.part, size=newest.log_size)
        if found is None:
            raise Refused(Refusal("not_found", "the log has no entry for an activation of that id"))
        entry, leaf, proof = found
        said = {"leaf": leaf.leaf, "size": newest.log_size, "salt": b64(leaf.salt or b""), "proof": _texts(proof)}
        return _reply({**said, "entry": structs.asdict(entry), "checkpoint": newest.checkpoint})


def _size(text: str) -> int:
    """A size as it stands in a path; 0, which is none, for any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS and text[0] != "0" else 0


def _texts(proof: Sequence[bytes]) -> list[str]:
    return [b64(each) for each in proof]


def _reply(said: dict[str, Any]) -> HttpReply:
    return HttpReply(dumps(said))
