"""The telephone menu over HTTP: scripted callers in three languages against a real process, as a provider calls it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.service import Key, Place
from tests.support.telephone import NUMBER, Menu, Phone, counted, installation, menu
from volact.credential.telephone.confirmation import Role, Subject, check_confirmation, read_confirmation_id
from volact.credential.telephone.keys import TelephoneKey
from volact.errors import Refusal
from volact.service.signing import current_root
from volact.service.telephone.texts import LANGUAGES, SENTENCES
from volact.service.usecases.catalogs import current_catalog


def sentence(name: str, language: str) -> str:
    """A sentence in a language."""
    return SENTENCES[name][LANGUAGES.index(language)]


def changed(group: str) -> str:
    """A group with a wrong digit."""
    return str((int(group[0]) + 1) % 10) + group[1:]


def believed(place: Place, key: Key, *, number: int, groups: tuple[str, ...]) -> bool:
    """Whether the computer with that ID believes the confirmation."""
    with place.opened() as service:
        (listed,) = current_root(service).active("telephone")
        group = current_catalog(service).catalog.group_of("tracer-9").number
        now = service.clock.now()
    read = read_confirmation_id("".join(groups))
    assert not isinstance(read, Refusal)
    subject = Subject(Role.COMPUTER, group, place.publisher, installation(key, number))
    return check_confirmation(read, subject, key=TelephoneKey.from_jwk(listed.jwk), now=now) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_f24_telephone_menu_activates_in_each_language_for_a_caller_who_errs(language: str, tmp_path: Path) -> None:
    """A caller who chooses nothing, mistypes, goes back, hears again and is silent is confirmed in the end, in the
    language that was chosen, and the computer believes what was read out."""
    place = Place.make(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=3)
    groups = installation(key, 1).groups
    with menu(place) as line:
        phone = line.call()
        assert phone.said == " ".join(SENTENCES["choose"])
        phone.press("9")
        phone.press("")
        phone.press(str(LANGUAGES.index(language) + 1))
        assert phone.said.startswith(sentence("begin", language))
        phone.type(groups[:3])
        assert sentence("does_not_fit", language) in phone.press(changed(groups[3]))
        assert sentence("does_not_fit", language) in phone.press(groups[3][:5] + "#")
        assert sentence("stuck", language) in phone.said
        phone.press("*")
        phone.press("#")
        phone.type(groups[2:7])
        phone.press(f"{groups[7][:3]}*")
        assert sentence("confirmed", language) in phone.press(groups[7])
        first = phone.heard(language)
        phone.press("1")
        second = phone.heard(language)
        assert phone.press("2").endswith(phone.said)
        assert phone.heard(language) == second
        phone.press("*")
        assert phone.heard(language) == first
        phone.press("")
        read = phone.confirmation(language)
        assert sentence("end", language) in phone.said
        assert read[:2] == (first, second)
        assert believed(place, key, number=1, groups=read)
        assert not believed(place, key, number=2, groups=read)
        assert place.row(key).used == 1


def test_f29_telephone_menu_gives_a_caller_who_hung_up_the_same_again(
    found: Callable[[Path], Place], tmp_path: Path
) -> None:
    """Whoever hangs up half way, before or after the confirmation, loses nothing and holds nothing: the next call has
    the same confirmation, takes nothing, and says so."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=2)
    groups = installation(key, 1).groups
    with menu(place) as line:
        half = line.call()
        half.press("1")
        half.type(groups[:5])
        assert place.row(key).used == 0
        first = line.call()
        first.press("1")
        first.type(groups)
        heard = first.heard("en")
        assert line.post("/telephone/end", fields=first.fields).status_code == 204
        assert counted(place)["calls"] == 1
        again = line.call(number="")
        again.press("3")
        assert sentence("repeated", "no") in again.type(groups)
        assert again.heard("no") == heard
        assert believed(place, key, number=1, groups=again.confirmation("no"))
        assert (place.row(key).used, counted(place)["activated"]) == (1, 1)


def test_f24_telephone_menu_answers_alike_what_a_provider_sends_twice(
    found: Callable[[Path], Place], tmp_path: Path
) -> None:
    """Keys that a provider sends again, because the answer was lost or the process was killed, are answered as before
    and move nothing; a process that starts in between goes on with the call."""
    place = found(tmp_path / "service")
    key = place.key("tracer-9", "mak", activations=2)
    groups = installation(key, 1).groups
    with menu(place) as line:
        phone = line.call(call="CA-one")
        begun = phone.said
        phone.post("/telephone/call")
        assert phone.said == begun
        phone.press("1")
        for place_, group in enumerate(groups):
            action = phone.action or ""
            if place_ in (3, 7):
                line.restart()
            phone.press(group)
            said = phone.said
            phone.post(action, Digits=group)
            assert phone.said == said
        line.restart()
        assert believed(place, key, number=1, groups=phone.confirmation("en"))
        assert place.row(key).used == 1


def test_f44_telephone_menu_says_what_is_refused_and_hands_over_with_what_was_typed(
    found: Callable[[Path], Place], tmp_path: Path
) -> None:
    """An exhausted key, a blocked one and an unknown one are said plainly with the center to call; a person gets a case
    with the digits that were typed, the end of the caller's number alone, and key and Licensing ID where they are
    known."""
    place = found(tmp_path / "service")
    small, other = (place.key("tracer-9", "mak", activations=number) for number in (0, 5))
    with menu(place) as line:
        exhausted = _typed(line, installation(small, 1).groups)
        assert exhausted.said.startswith(sentence("mak_exhausted", "fr"))
        assert sentence("center", "fr") in exhausted.said
        exhausted.press("0")
        assert exhausted.said.startswith(sentence("case", "fr"))
        assert exhausted.action is None
        place.block(other)
        blocked = _typed(line, installation(other, 1).groups)
        assert blocked.said.startswith(sentence("key_blocked", "fr"))
        blocked.press("1")
        blocked.type(installation(other, 2).groups[:3])
        blocked.press("0#")
        elsewhere = Place.make(tmp_path / "elsewhere").key("tracer-9", "mak", activations=1)
        unknown = _typed(line, installation(elsewhere, 1).groups)
        assert unknown.said.startswith(sentence("key_unknown", "fr"))
        with place.opened() as opened:
            rows = opened.ledger.execute("SELECT digits, number, keyid, licensing_id, language FROM cases").fetchall()
            audited = opened.ledger.execute("SELECT who FROM audit WHERE act = 'case opened'").fetchall()
        whole = installation(small, 1).qr
        assert [tuple(row) for row in rows] == [
            (whole, NUMBER[-3:], small.keyid, place.licensing_id, "fr"),
            (installation(other, 2).qr[:21], NUMBER[-3:], None, None, "fr"),
        ]
        assert [row[0] for row in audited] == ["telephone menu"] * 2
        assert NUMBER[1:].encode() not in place.folder.with_suffix(".log").read_bytes()


def test_f44_telephone_menu_puts_a_caller_through_where_a_person_is_named(tmp_path: Path) -> None:
    """Where the operator named a person's number, the provider is told to dial it after the case's number was said."""
    place = Place.make(tmp_path / "service")
    with menu(place, person="+4722000001") as line:
        phone = line.call()
        phone.press("0")
        assert phone.dialled == "+4722000001"
        assert phone.said.endswith(sentence("connected", "en"))


def _typed(line: Menu, groups: tuple[str, ...]) -> Phone:
    phone = line.call()
    phone.press("2")
    phone.type(groups)
    return phone
