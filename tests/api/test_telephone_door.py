"""The telephone menu's door: the provider's signature, strict forms, sounds; nothing that a caller sends is a fault."""

from __future__ import annotations

import io
import os
import shutil
import threading
import time
import wave
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres import Server, programs

from tests.support.service import Place
from tests.support.telephone import URL, Menu, installation, menu, signature
from volact.service.telephone.texts import CLIPS, LANGUAGES, SENTENCES

FORM = "application/x-www-form-urlencoded"
CALL, END = "/telephone/call", "/telephone/end"


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Menu]:
    """A menu whose texts the provider speaks."""
    with menu(Place.make(tmp_path_factory.mktemp("menu") / "service")) as found:
        yield found


def sent(line: Menu, body: bytes, *, path: str = CALL, media: str = FORM, mark: str = "") -> httpx.Response:
    """Sends a body as it is."""
    headers = {"content-type": media, "x-twilio-signature": mark}
    return line.client.post(f"{line.service.url}{path}", content=body, headers=headers)


def code(reply: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return reply.status_code, reply.json()["code"]


def test_f24_telephone_menu_answers_nobody_but_the_provider(line: Menu) -> None:
    """A request without a signature, by another token, of other fields or of another address is `call_unsigned`, leaves
    nothing of a call on record, and is counted among the denials."""
    fields = {"CallSid": "CA-1", "From": "+4799123456"}
    assert code(line.post(CALL, fields=fields, headers={})) == (403, "call_unsigned")
    assert code(line.post(CALL, fields=fields, token="another-token-of-some-length")) == (403, "call_unsigned")
    mark = signature(CALL, fields)
    for changed in ({**fields, "Digits": "1"}, {**fields, "CallSid": "CA-2"}):
        assert code(line.post(CALL, fields=changed, headers={"x-twilio-signature": mark})) == (403, "call_unsigned")
    elsewhere = line.post("/telephone/turns/0", fields=fields, headers={"x-twilio-signature": mark})
    assert code(elsewhere) == (403, "call_unsigned")
    assert code(line.post(END, fields=fields, headers={"x-twilio-signature": "A" * 40})) == (403, "call_unsigned")
    with line.place.opened() as service:
        assert service.ledger.execute("SELECT count(*) FROM calls").fetchone()[0] == 0
    assert line.post(CALL, fields=fields).status_code == 200
    metrics = line.client.get(f"{line.service.url}/metrics").text
    assert 'volact_service_telephone_turns_total{outcome="begun"}' in metrics


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b"CallSid=1&CallSid=2", FORM),
        (b'{"CallSid": "1"}', "application/json"),
        (b"CallSid=1", ""),
        (b"CallSid=%ff%fe", FORM),
        (b"CallSid=\xff", FORM),
        (b"&".join(b"f%d=1" % number for number in range(200)), FORM),
        (b"CallSid=" + b"1" * 20_000, FORM),
        (b"Digits=1", FORM),
        (b"CallSid=", FORM),
    ],
)
def test_a_form_that_is_none_is_refused(line: Menu, body: bytes, media: str) -> None:
    """A field twice, another type, broken bytes, too many fields, too much, and no id are `request_malformed`."""
    fields = {"Digits": "1"} if body == b"Digits=1" else {"CallSid": ""}
    assert code(sent(line, body, media=media, mark=signature(CALL, fields))) == (400, "request_malformed")


def test_a_menu_has_few_addresses(line: Menu) -> None:
    """What is no turn, no clip and no address is not found, another method is told which one is offered, and a body
    over the limit is refused."""
    fields = {"CallSid": "CA-9"}
    for path in (
        "/telephone/turns/x",
        "/telephone/turns/-1",
        "/telephone/turns/٣",
        "/telephone/",
        "/telephone/turns/1/2",
    ):
        assert line.post(path, fields=fields).status_code == 404, path
    assert line.client.get(f"{line.service.url}{CALL}").status_code == 405
    assert code(sent(line, b"a" * 70_000)) == (413, "request_too_large")
    for path in ("sounds/en/choose.wav", "sounds/de/choose.wav", "sounds/en/../choose.wav"):
        assert line.client.get(f"{line.service.url}/telephone/{path}").status_code == 404
    far = line.post(f"/telephone/turns/{'9' * 30}", fields=fields)
    assert far.status_code in (200, 404)


def test_without_a_provider_there_is_no_menu(tmp_path: Path) -> None:
    """A service to which no provider was named has nothing at the menu's addresses."""
    place = Place.make(tmp_path / "service")
    with place.running() as running:
        reply = running.client.post(f"{running.url}{CALL}", data={"CallSid": "1"})
        assert code(reply) == (404, "not_found")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    keys=st.text(max_size=30),
    number=st.text(max_size=20),
    call=st.text(min_size=1, max_size=8),
    turn=st.integers(0, 40),
    more=st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=5), max_size=3),
)
def test_nothing_that_a_provider_passes_on_is_a_fault(
    line: Menu, *, keys: str, number: str, call: str, turn: int, more: dict[str, str]
) -> None:
    """Whatever keys, numbers and fields come with a signature, the answer is a document that a provider can follow."""
    fields = {**more, "CallSid": call, "From": number, "Digits": keys}
    body = urlencode(fields, errors="surrogatepass").encode()
    path = f"/telephone/turns/{turn}"
    try:
        mark = signature(path, fields)
    except UnicodeEncodeError:  # half of a character: such a form is none
        assert sent(line, body, path=path).status_code == 400
        return
    reply = sent(line, body, path=path, mark=mark)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/xml"
    assert reply.content.startswith(b'<?xml version="1.0" encoding="UTF-8"?><Response>')


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_f24_telephone_menu_speaks_with_a_voice_of_its_own_where_one_is_installed(tmp_path: Path) -> None:
    """Where a program renders speech, every clip of an answer is a sound of 8 kHz that is rendered once and kept, and a
    whole confirmation is played digit by digit."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=1)
    with menu(place, env={}) as line:
        phone = line.call()
        assert [each.removeprefix(URL) for each in phone.plays] == [
            f"/telephone/sounds/{language}/choose.wav" for language in LANGUAGES
        ]
        assert phone.said == ""
        for language in LANGUAGES:
            first = fetched(line, f"{URL}/telephone/sounds/{language}/choose.wav")
            assert fetched(line, f"{URL}/telephone/sounds/{language}/choose.wav") == first
            with wave.open(io.BytesIO(first)) as sound:
                shape = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
                seconds = sound.getnframes() / sound.getframerate()
            assert shape == (1, 2, 8_000)
            assert 1 < seconds < 20
            assert max(first[100:]) > 0
        assert len(list((place.folder / "sounds").iterdir())) == 3
        phone.press("3")
        phone.type(installation(key, 1).groups)
        names = [each.rpartition("/")[2] for each in phone.plays]
        assert names[:3] == ["confirmed.wav", "group.wav", "n1.wav"]
        assert len(names) == 10
        assert len({fetched(line, each) for each in set(phone.plays)}) == len(set(phone.plays))


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_every_clip_is_rendered(tmp_path: Path) -> None:
    """Every sentence and number of every language becomes a sound, asked for several at once."""
    with menu(Place.make(tmp_path / "service"), env={}) as line:
        for clip in CLIPS:
            sound = fetched(line, f"{URL}/telephone/sounds/{clip.language}/{clip.name}.wav")
            assert len(sound) > 2_000, clip
    assert len(CLIPS) == len(LANGUAGES) * (len(SENTENCES) + 21)


def fetched(line: Menu, address: str) -> bytes:
    """A sound as the provider fetches it, without a signature."""
    reply = line.client.get(f"{line.service.url}{address.removeprefix(URL)}")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "audio/wav")
    return reply.content


def test_a_voice_that_fails_is_told_and_asked_again(tmp_path: Path) -> None:
    """A program that renders nothing is `not_ready` and leaves no file; once it renders, the clip is there."""
    programs_at = tmp_path / "bin"
    programs_at.mkdir()
    broken = programs_at / "espeak-ng"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    place = Place.make(tmp_path / "service")
    with menu(place, env={"PATH": f"{programs_at}:{os.environ['PATH']}"}) as line:
        reply = line.client.get(f"{line.service.url}/telephone/sounds/en/choose.wav")
        assert code(reply) == (503, "not_ready")
        assert not (place.folder / "sounds").exists()
        assert line.call().plays


def test_a_caller_hears_that_the_service_cannot_answer_while_its_database_is_away(tmp_path: Path) -> None:
    """While the database is away a caller is told so in every language, and the same turn goes on when it
    is back."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with Server.running("fsync=on") as server:
        place = Place.make(tmp_path / "service", database=server.database())
        with menu(place) as line:
            phone = line.call()
            asked = phone.action or ""
            server.stop()
            assert phone.press("1") == " ".join(SENTENCES["not_now"])
            assert phone.action is None
            server.start()
            deadline = time.monotonic() + 20
            while phone.action is None and time.monotonic() < deadline:
                threading.Event().wait(0.2)
                phone.post(asked, Digits="1")
            assert phone.said.startswith(SENTENCES["begin"][0])
