"""The menu by HTTP, as a telephony provider calls it; what it writes goes through the door of the service's one writer.

POST /telephone/call             a call begins: what is said first
POST /telephone/turns/N          the keys that were pressed after turn N
POST /telephone/end              the call is over
GET  /telephone/sounds/LL/X.wav  a clip
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from volact.errors import Refusal, Refused, VolactError
from volact.service.app import App
from volact.service.ledger.denials import Denied
from volact.service.ports import Service
from volact.service.telephone import dialog, provider
from volact.service.telephone.calls import Answer, Caller, answer, hang_up
from volact.service.telephone.provider import MEDIA, PREFIX, SIGNATURE
from volact.service.telephone.texts import CLIPS, Clip
from volact.service.telephone.voice import Voice
from volact.service.usecases.telephoneprovider import Provider
from volact.serving.asgi import Door, Handler, HttpReply, HttpRequest

DAY = 86_400
_MOST_TURNS = 999_999
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Menu:
    """The handlers of one provider's menu."""

    app: App
    provider: Provider
    voice: Voice | None

    @property
    def door(self) -> Door:
        """The ASGI application."""
        routes: dict[tuple[str, str], Handler] = {
            ("POST", f"{PREFIX}call"): self.call,
            ("POST", f"{PREFIX}turns/{{}}"): self.turn,
            ("POST", f"{PREFIX}end"): self.end,
            ("GET", f"{PREFIX}sounds/{{}}/{{}}"): self.sound,
        }
        return Door(routes, report=self.app.api.telemetry.defect)

    async def call(self, http: HttpRequest) -> HttpReply:
        """What is said first."""
        return await self._answer(http, None)

    async def turn(self, http: HttpRequest) -> HttpReply:
        """What is said to the keys that were pressed after a turn."""
        if not (http.part.isascii() and http.part.isdecimal() and int(http.part[:7]) <= _MOST_TURNS):
            raise Refused(Refusal("not_found", "nothing is at that address"))
        return await self._answer(http, int(http.part[:7]))

    async def end(self, http: HttpRequest) -> HttpReply:
        """Forgets a call."""
        fields = self._signed(http)
        await self._between(lambda service: hang_up(service, _caller(service, fields)))
        return HttpReply(status=204, media=MEDIA)

    async def sound(self, http: HttpRequest) -> HttpReply:
        """A clip; they hold nothing of anybody, so whoever asks may have them."""
        language, _, name = http.part.partition("/")
        clip = Clip(language, name.removesuffix(".wav"))
        if self.voice is None or clip not in CLIPS or not name.endswith(".wav"):
            raise Refused(Refusal("not_found", "nothing is at that address"))
        sound = await self.voice.sound(clip)
        return HttpReply(sound, media="audio/wav", headers=(("cache-control", "public, max-age=86400"),))

    async def _answer(self, http: HttpRequest, turn: int | None) -> HttpReply:
        began = time.perf_counter()
        fields = self._signed(http)
        connects = bool(self.provider.person)

        def work(service: Service) -> tuple[Answer, Caller]:
            caller = _caller(service, fields)
            keys = fields.get("Digits", "")
            return answer(service, caller, turn=turn, keys=keys, connects=connects), caller

        try:
            said, caller = await self._between(work)
        except VolactError as err:  # a caller hears that, and not a provider's words for a status
            self._note(err.code, call="", turn=turn, began=began)
            said = Answer(0, dialog.unable_at_all().says, 0)
        else:
            self._note(said.outcome, call=caller.call_id, turn=turn, began=began)
        body = provider.document(self.provider, said, sounds=self.voice is not None)
        return HttpReply(body, media=MEDIA, headers=(("cache-control", "no-store"),))

    def _signed(self, http: HttpRequest) -> dict[str, str]:
        """The fields of a request that is the provider's."""
        fields = provider.read_form(http.body, http.headers.get("content-type", ""))
        given = http.headers.get(SIGNATURE, "")
        try:
            provider.check_signature(self.provider, http.path, fields=fields, given=given)
        except Refused as err:
            api = self.app.api
            day, address = self.app.writer.clock.now() // DAY, api.callers.address(http)
            api.denials.count(Denied(day, err.code, "", address))
            raise
        if not fields.get("CallSid"):
            raise Refused(Refusal("request_malformed", "the form has no CallSid", {"errors": []}))
        return fields

    def _note(self, outcome: str, *, call: str, turn: int | None, began: float) -> None:
        ms = round((time.perf_counter() - began) * 1000, 1)
        self.app.api.telemetry.called(outcome, call=call, turn=turn, ms=ms)

    async def _between(self, work: Callable[[Service], Done]) -> Done:
        return await self.app.commit.between(partial(work, self.app.writer))


def _caller(service: Service, fields: dict[str, str]) -> Caller:
    return Caller.of(service, fields["CallSid"], number=fields.get("From", ""))
