"""The menu as a state machine: any keys in any state, mistakes that are named, and everything said in each language."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volact.credential.telephone.installation import FORMS as INSTALLATION
from volact.credential.telephone.installation import make_installation_id
from volact.service.telephone import dialog
from volact.service.telephone.dialog import State, Turn, begin, step
from volact.service.telephone.texts import CLIPS, LANGUAGES, NUMBERS, REFUSALS, SENTENCES, Clip, digits, spoken

GROUPS = make_installation_id(bytes(32), keyid="0123456789", dev="0" * 15).groups
CONFIRMATION = tuple(f"{number:07}" for number in range(20))
NAMES = {"en": ("Group", "Type group"), "fr": ("Groupe", "Tapez le groupe"), "no": ("Gruppe", "Tast gruppe")}


def done(turn: Turn) -> Turn:
    """A turn after what it asks for was done, in whatever way it turns out."""
    if turn.does == "confirm":
        return dialog.confirmed(turn.state, CONFIRMATION, repeated=False)
    if turn.does == "hand over":
        return dialog.handed(turn.state, "C-4711-0815", center="+47 22 00 00 00", connected=False)
    return turn


def pressed(*keys: str, language: str = "1") -> Turn:
    """The turn after these keys, in a language."""
    turn = step(begin().state, language)
    for each in keys:
        turn = done(step(turn.state, each))
    return turn


def words(turn: Turn) -> str:
    """What is said."""
    return spoken(turn.says)


def changed(group: str) -> str:
    """A group with a wrong digit."""
    return group[:2] + str((int(group[2]) + 1) % 10) + group[3:]


@pytest.mark.parametrize("language", LANGUAGES)
def test_f24_telephone_menu_names_the_group_that_is_wrong_and_takes_it_again(language: str) -> None:
    """A wrong digit, swapped neighbors, a digit too few and a group in another's place are each found in the very
    group, which is asked for again, and nothing that was typed before is lost."""
    place = LANGUAGES.index(language)
    keys, numbers = str(place + 1), NUMBERS[language].split()
    fits = pressed(*GROUPS[:3], language=keys)
    assert (len(fits.state.groups), fits.state.language, fits.wants) == (3, language, 7)
    swapped = GROUPS[3][1] + GROUPS[3][0] + GROUPS[3][2:]
    for wrong in (changed(GROUPS[3]), swapped, GROUPS[3][:6], GROUPS[4], "12", "9" * 40):
        turn = step(fits.state, wrong)
        named = f"{NAMES[language][0]} {numbers[4]} {SENTENCES['does_not_fit'][place]}"
        assert words(turn).startswith(named), wrong
        assert f"{NAMES[language][1]} {numbers[4]}" in words(turn)
        assert turn.state.groups == GROUPS[:3]
        assert step(turn.state, GROUPS[3]).state.groups == GROUPS[:4]


def test_f24_telephone_menu_goes_back_by_a_group_and_to_the_language() -> None:
    """The star takes the last group back, a group that was begun is begun again, and before the first one the language
    is asked for again."""
    turn = pressed(*GROUPS[:2], "*")
    assert turn.state.groups == GROUPS[:1]
    assert pressed(*GROUPS[:2], "123*").state.groups == GROUPS[:2]
    turn = step(pressed("*").state, "3")
    assert turn.state == State("typing", "no")


def test_f24_telephone_menu_reads_the_confirmation_group_by_group() -> None:
    """The confirmation is read in its twenty groups: on, again, back, and to the end."""
    turn = pressed(*GROUPS)
    assert (turn.state.stage, turn.wants) == ("reading", 1)
    for place, group in enumerate(CONFIRMATION):
        read = digits("en", group)
        assert read == turn.says[len(turn.says) - len(read) - (place == 19) :][:7]
        assert step(turn.state, "2").says[-8:] == turn.says[-8:]
        assert step(turn.state, "*").state.place == max(place - 1, 0)
        assert step(step(turn.state, "*").state, "1").state.place == max(place, 1)
        turn = step(turn.state, "1")
    assert (turn.state.stage, turn.wants) == ("over", 0)


@pytest.mark.parametrize("code", [*REFUSALS, "a_code_of_tomorrow"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_f44_telephone_menu_says_every_refusal_with_the_center_and_a_person(code: str, language: str) -> None:
    """Whatever is refused is said plainly in the caller's language, with the center to call; one key types another ID,
    one hands over with the digits that were typed."""
    place = LANGUAGES.index(language)
    state = step(pressed(*GROUPS[:7], language=str(place + 1)).state, GROUPS[7]).state
    turn = dialog.refused(state, code, center="+47 22")
    said = words(turn)
    assert SENTENCES[code if code in REFUSALS else "other"][place] in said
    number = " ".join([SENTENCES["plus"][place], *(NUMBERS[language].split()[int(digit)] for digit in "4722")])
    assert f"{SENTENCES['center'][place]} {number}" in said
    assert SENTENCES["after_refusal"][place] in said
    assert step(turn.state, "1").state == State("typing", language)
    assert step(turn.state, "*").state.groups == GROUPS[:7]
    assert step(turn.state, "7").says == turn.says
    over = step(turn.state, "0")
    assert (over.does, over.state.groups) == ("hand over", GROUPS)


def test_f44_telephone_menu_hands_over_at_any_question() -> None:
    """Zero is a person, in every language and at every question, with what was typed so far."""
    for turn in (begin(), pressed(), pressed(*GROUPS[:5]), pressed(*GROUPS)):
        asked = step(turn.state, "0")
        assert asked.does == "hand over"
        assert asked.state.groups == turn.state.groups
        assert done(asked).wants == 0
        assert words(done(asked)).count("four seven one one zero eight one five") == 2
    connected = dialog.handed(State("typing", "fr"), "C-1111-1111", center="+47", connected=True)
    assert words(connected).endswith(SENTENCES["connected"][1])
    assert "goodbye" in {clip.name for clip in dialog.nobody(State(), center="").says}
    assert {clip.language for clip in dialog.unable_at_all().says} == set(LANGUAGES)


def test_a_question_that_nobody_answers_is_asked_again_and_then_given_up() -> None:
    """Silence repeats the question three times, a key that is pressed begins the count anew, and then the call ends."""
    for turn in (begin(), pressed(), pressed(*GROUPS), dialog.refused(State("typing"), "key_blocked", center="")):
        question, state = turn.says, turn.state
        for _ in range(dialog.MOST_SILENT - 1):
            turn = step(turn.state, "")
            assert set(turn.says) <= set(question)
            assert turn.state.stage == state.stage
        assert step(turn.state, "9" if state.stage != "reading" else "2").state.silent == 0
        assert step(turn.state, "#").state.stage == "over"


FITTING = "the next group"
KEYS = st.one_of(
    st.just(FITTING),
    st.sampled_from([*GROUPS, *map(changed, GROUPS), "", "*", "#", "0", "1", "2", "3", "1*", "*#"]),
    st.text("0123456789*#", max_size=9),
    st.text(max_size=6),
)
CODES = st.sampled_from([*REFUSALS, "not_ready"])


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_keys_in_any_state_lead_to_a_state_that_is_bounded(data: st.DataObject) -> None:
    """Whatever is pressed, and whatever comes of it, the menu says something of its table, and stays in few states."""
    turn = begin()
    for keys in data.draw(st.lists(KEYS, max_size=60)):
        fits = turn.state.stage == "typing" and keys == FITTING
        turn = step(turn.state, GROUPS[len(turn.state.groups)] if fits else keys)
        _bounded(turn)
        if turn.does == "confirm":
            turn = data.draw(st.sampled_from([done(turn), _refused(turn, data.draw(CODES)), dialog.unable(turn.state)]))
        elif turn.does == "hand over":
            turn = data.draw(st.sampled_from([done(turn), dialog.nobody(turn.state, center="")]))
        _bounded(turn)
        assert turn.does is None
        assert turn.says
        assert (turn.wants == 0) == (turn.state.stage == "over")
        assert all(clip in CLIPS for clip in turn.says)
        assert spoken(turn.says)


def test_every_sentence_and_number_is_there_in_every_language() -> None:
    """Each language has a text of its own for each sentence, and a word for each number up to twenty."""
    assert set(CLIPS) == {
        Clip(language, name) for language in LANGUAGES for name in (*SENTENCES, *(f"n{value}" for value in range(21)))
    }
    for name, texts in SENTENCES.items():
        assert len(texts) == len(LANGUAGES)
        assert all(text.strip() for text in texts)
        assert name == "plus" or len(set(texts)) == len(LANGUAGES), name
    assert all(len(NUMBERS[language].split()) == 21 for language in LANGUAGES)
    assert INSTALLATION.digits.groups <= 20 >= len(CONFIRMATION)


def _refused(turn: Turn, code: str) -> Turn:
    return dialog.refused(turn.state, code, center="+47 22")


def _bounded(turn: Turn) -> None:
    state = turn.state
    assert len(state.groups) <= 8
    assert all(len(group) == 7 for group in state.groups)
    assert 0 <= state.place < 20
    assert 0 <= state.wrong <= dialog.MOST_WRONG
    assert 0 <= state.silent < dialog.MOST_SILENT
    assert state.language in LANGUAGES
    assert len(state.confirmation) in (0, 20)
