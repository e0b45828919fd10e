"""Erasing what an entry of the audit says: the log still fits, and an entry says that it was done."""

import json

import pytest

from volact.errors import Refused
from volact.service.ledger import audit
from volact.service.usecases.customers import add_organization
from volact.service.usecases.erasing import Wanted, erase, listed
from volact.service.usecases.sequencing import catch_up, sequence
from volact.service.usecases.verifying import ERASED, verify

NAME = "Solveig Brandsnes"


@pytest.fixture
def named(office):
    """A service of whose entries the third names a person."""
    for name in ("Contoso", NAME, "Fabrikam"):
        add_organization(office.service, name, parent=None, country=None, act=office.act)
    return office


def entry_naming(office, text=NAME):
    """The number of the only entry that holds a text."""
    (row,) = listed(office.service, Wanted(naming=text), most=10)
    return row.entry


def test_an_erased_entry_says_nothing_and_the_log_fits(named):
    """Texts and salt of an entry go, in the log or not yet; number, time and act stay, and every checkpoint holds."""
    entry = entry_naming(named)
    before = audit.entry(named.service.ledger, entry)
    assert erase(named.service, entry, reason="asked for", act=named.act) is True
    after = audit.entry(named.service.ledger, entry)
    assert (after.at, after.act) == (before.at, before.act)
    assert (after.who, after.subject, after.detail) == ("", "", "{}")
    assert verify(named.service).erased == 1
    catch_up(named.service)
    found = verify(named.service)
    assert (found.erased, found.waiting) == (1, 0)
    assert listed(named.service, Wanted(naming=NAME), most=10) == ()


def test_an_entry_says_that_it_was_erased_and_why(named):
    """That an entry was erased is an entry itself, with its number and the reason, by whoever did it."""
    entry = entry_naming(named)
    erase(named.service, entry, reason="asked for", act=named.act)
    (said,) = listed(named.service, Wanted(after=entry, subject="acme.example"), most=10)
    assert (said.act, said.who, json.loads(said.detail)) == (ERASED, "kari", {"entry": entry, "why": "asked for"})


def test_erasing_twice_is_done_once(named):
    """An entry that was erased before is left as it is, without a further entry."""
    entry = entry_naming(named)
    erase(named.service, entry, reason="asked for", act=named.act)
    sequence(named.service)
    before = named.on_record()
    assert erase(named.service, entry, reason="again", act=named.act) is False
    assert named.on_record() == before


def test_an_entry_that_is_not_there_is_unknown(named):
    """A number that the audit does not have is unknown_entry, and nothing is changed."""
    before = named.on_record()
    with pytest.raises(Refused) as caught:
        erase(named.service, 99, reason="asked for", act=named.act)
    assert (caught.value.code, caught.value.fields["entry"]) == ("unknown_entry", 99)
    assert named.on_record() == before


def test_what_says_what_became_of_others_stays(named):
    """The entry that says that another one was erased cannot be erased: the log could not be verified without it."""
    entry = entry_naming(named)
    erase(named.service, entry, reason="asked for", act=named.act)
    (said,) = listed(named.service, Wanted(after=entry, subject="acme.example"), most=10)
    with pytest.raises(Refused) as caught:
        erase(named.service, said.entry, reason="no trace", act=named.act)
    assert caught.value.code == "usage"
    catch_up(named.service)
    assert verify(named.service).erased == 1


def test_nothing_is_erased_while_the_clock_is_in_doubt(named):
    """An entry that could not be sequenced, since the clock fell back, keeps its texts."""
    sequence(named.service)
    add_organization(named.service, "Late Nora", parent=None, country=None, act=named.act)
    named.time.go(-7200)
    again = named.again()
    with pytest.raises(Refused) as caught:
        erase(again, entry_naming(named, "Nora"), reason="asked for", act=named.act)
    assert caught.value.code == "signing_clock"
    assert entry_naming(named, "Nora") == 5


@pytest.mark.parametrize("ledger_at", ["sqlite"], indirect=True)
def test_nothing_of_it_is_left_in_the_file(named):
    """In the file of an SQLite ledger no byte of the erased texts is left, once its log is moved into it."""
    row = audit.entry(named.service.ledger, entry_naming(named))
    assert row.detail.encode() in named.on_record()
    erase(named.service, row.entry, reason="asked for", act=named.act)
    assert row.detail.encode() not in named.on_record()


def test_entries_are_listed_in_their_order(named):
    """Entries are listed from any one on, of one subject, and by a text that they hold, however it is written."""
    every = listed(named.service, Wanted(), most=10)
    assert [row.entry for row in every] == [1, 2, 3, 4]
    assert listed(named.service, Wanted(after=2), most=1) == every[2:3]
    assert listed(named.service, Wanted(subject=every[1].subject), most=10) == every[1:2]
    assert listed(named.service, Wanted(naming=NAME.upper()), most=10) == every[2:3]
