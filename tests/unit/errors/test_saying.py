"""Words with their values apart."""

from __future__ import annotations

from volact.errors import Refusal, Refused, Words, in_turn, say, say_number

_FRENCH = {
    "{name} has {left}": "il reste {left} pour {name}",
    "{num} activation": "une activation",
    "{num} activations": "{num} activations à prendre",
    "; ": " ; ",
}


def _in_french(words: Words) -> str:
    template = words.many if words.many and words.number > 1 else words.one
    return _FRENCH.get(template, template)


def test_words_are_english_by_themselves() -> None:
    """Words read as an English sentence with their values."""
    assert str(say("{name} has {left}", name="K0001", left=3)) == "K0001 has 3"


def test_a_number_decides_between_two_templates() -> None:
    """One thing is said in the singular, and every other number in the plural."""
    said = [
        str(say_number("{num} computer of {all}", "{num} computers of {all}", num=each, all=9)) for each in range(3)
    ]
    assert said == ["0 computers of 9", "1 computer of 9", "2 computers of 9"]


def test_words_inside_words_are_said_in_the_same_language() -> None:
    """A value that is words itself is translated with the sentence it stands in, in the order of that language."""
    words = say("{name} has {left}", name="K0001", left=say_number("{num} activation", "{num} activations", num=2))
    assert str(words) == "K0001 has 2 activations"
    assert words.said(_in_french) == "il reste 2 activations à prendre pour K0001"


def test_clauses_stand_in_turn() -> None:
    """Clauses are joined by a mark as the language writes it, without those that are empty."""
    clauses = in_turn("; ", say("{name} has {left}", name="K0001", left=3), "", "as it stands")
    assert str(clauses) == "K0001 has 3; as it stands"
    assert clauses.said(_in_french) == "il reste 3 pour K0001 ; as it stands"
    assert str(in_turn("; ")) == ""


def test_values_are_not_read_as_templates() -> None:
    """Braces in a value stay what they are."""
    assert str(say("no key {key}", key="{name}")) == "no key {name}"


def test_a_refusal_keeps_its_words_on_its_way() -> None:
    """A refusal that travels as an error has its words with their values, and an English detail."""
    words = say("{name} has {left}", name="K0001", left=3)
    caught = Refused(Refusal("mak_exhausted", words)).refusal
    assert (caught.words, caught.detail) == (words, "K0001 has 3")
