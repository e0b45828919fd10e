"""Operations that the activation center does for whoever calls it: each with caller, proof and reason (F44)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from volact.credential.telephone.confirmation import Role
from volact.errors import Refusal
from volact.service.management import keysaid as said
from volact.service.management.offers import offered
from volact.service.management.office import office_of, visit_of
from volact.service.management.once import IdempotencyKey, once, write
from volact.service.management.shapes import Asked, Id, told
from volact.service.ports import Act, Call, Service
from volact.service.usecases import center
from volact.service.usecases.keys import Order, known_key, reveal
from volact.service.usecases.telephonehosts import Wish
from volact.service.usecases.telephoning import confirm_installation, put_confirmation

router = Router(tags=["center"])
Told = Annotated[str, Field(max_length=200, description="Kept on record; left empty, the act is refused.")]


class OnCall(Asked):
    """Who calls, what was shown as proof, and why."""

    caller: Told
    proof: Told
    reason: Told

    @property
    def call(self) -> Call:
        """The same as the record has it."""
        return Call(self.caller, self.proof, self.reason)


class KeyWanted(OnCall):
    """Which key the caller is to have."""

    licensing_id: Id
    product: Id
    kind: Literal["setup", "mak", "host"]


class RaiseWanted(OnCall):
    """What a key is to allow in all."""

    keyid: Id
    activations: Annotated[int, Field(ge=0, le=1_000_000_000)]


class SlotWanted(OnCall):
    """Which host gives up its place."""

    keyid: Id
    host_id: Id


class BlockWanted(OnCall):
    """Which key has leaked; revoked, what it gave ends too."""

    keyid: Id
    revoke: bool = False


class ConfirmationWanted(OnCall):
    """Whose installation ID, in either form; `slot` is the id of the host that ends and gives its place to this one."""

    installation_id: Annotated[str, Field(min_length=1, max_length=400)]
    role: Annotated[
        Literal["computer", "host", "directory"] | None,
        Field(description="Left out: a multiple activation key's is a computer, a host key's a host."),
    ] = None
    slot: Id | None = None

    @property
    def wish(self) -> Wish:
        """What is asked for beside the ID."""
        return Wish(Role[self.role.upper()] if self.role else None, self.slot)


class Confirmation(Schema):
    """A confirmation ID to be read out: twenty groups of digits, or of symbols to be typed."""

    groups: list[str]
    keyboard: list[str]
    dev: str
    role: str
    host_id: str | None
    expires: str | None
    repeated: bool
    key: said.Key


class GivenKey(said.Key):
    """A key that was given out, to be read to the caller; `issued` says that it is a new one."""

    key: str
    issued: bool


@offered(router, "POST", path="/center/keys", scope="center:act", answer=GivenKey, status=201)
async def give_key(request: HttpRequest, *, body: KeyWanted, key: IdempotencyKey) -> Any:
    """Gives out the agreement's newest active key of that kind for the product, or a new one where it has none."""
    order = Order(licensing_id=body.licensing_id, product=body.product, kind=body.kind)

    def work(service: Service, act: Act) -> dict[str, Any]:
        given = center.give_key(service, order, call=body.call, act=act)
        return said.say(given.row) | {"issued": given.issued}

    done = await once(request, key, work=work)  # on record is whose key it was, and not the key
    text = await office_of(request).read(lambda service: reveal(service, known_key(service, done["keyid"])))
    return Status(201, done | {"key": text})


@offered(router, "POST", path="/center/confirmations", scope="center:act", answer=Confirmation, status=201)
async def confirm_computer(request: HttpRequest, *, body: ConfirmationWanted, key: IdempotencyKey) -> Any:
    """Activates the computer, host or directory of an installation ID that is read out.

    The same ID again has the same confirmation; that of a host ends, and has a later one in the last third of its time.
    """

    def work(service: Service, act: Act) -> dict[str, Any] | Refusal:
        act = center.on_call(act, body.call)
        promised = put_confirmation(service, body.installation_id, act=act, channel="center", wish=body.wish)
        if isinstance(promised, Refusal):
            return promised  # on record, as one of a device is
        return {
            "dev": promised.subject.installation.dev,
            "role": promised.subject.role.name.lower(),
            "host_id": promised.host_id,
            "expires": told(promised.expires),
            "repeated": promised.repeated,
            "key": said.say(promised.key),
        }

    done = await once(request, key, work=work)
    given = await write(request, lambda service, act: _again(service, body, act=act))
    return Status(201, done | given)


def _again(service: Service, body: ConfirmationWanted, *, act: Act) -> dict[str, Any]:
    """What is on record is signed after it is there: asked again, it takes nothing."""
    text, wish = body.installation_id, body.wish
    given = confirm_installation(service, text, act=act, channel="center", wish=wish).confirmation
    return {"groups": list(given.groups), "keyboard": list(given.keyboard)}


@offered(router, "POST", path="/center/raise", scope="center:act", answer=said.Key)
async def raise_allowance(request: HttpRequest, *, body: RaiseWanted, key: IdempotencyKey) -> Any:
    """Raises what a key allows, of a host key how many hosts."""
    _take(request, body.keyid)

    def work(service: Service, act: Act) -> dict[str, Any]:
        row = center.raise_allowance(service, body.keyid, activations=body.activations, call=body.call, act=act)
        return said.say(row)

    return await once(request, key, work=work)


@offered(router, "POST", path="/center/free-slot", scope="center:act", answer=said.Key)
async def free_slot(request: HttpRequest, *, body: SlotWanted, key: IdempotencyKey) -> Any:
    """Gives a host's place back to its key at once; nothing of that host is renewed."""
    _take(request, body.keyid)

    def work(service: Service, act: Act) -> dict[str, Any]:
        return said.say(center.free_slot(service, body.keyid, host_id=body.host_id, call=body.call, act=act))

    return await once(request, key, work=work)


@offered(router, "POST", path="/center/block", scope="center:act", answer=said.Key)
async def block_leaked_key(request: HttpRequest, *, body: BlockWanted, key: IdempotencyKey) -> Any:
    """Blocks a key that leaked."""
    _take(request, body.keyid)

    def work(service: Service, act: Act) -> dict[str, Any]:
        return said.say(center.block_key(service, body.keyid, revoked=body.revoke, call=body.call, act=act))

    return await once(request, key, work=work)


def _take(request: HttpRequest, keyid: str) -> None:
    """Counts an act on one key; raises Refused (`too_many_requests`)."""
    visit_of(request).take(office_of(request).limits.key, keyid)
