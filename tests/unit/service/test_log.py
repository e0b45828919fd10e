"""The log of the audit: what the sequencer adds and signs, and what verifying finds."""

import json
from contextlib import suppress

import pytest

from tests.support.databases import BROKEN, tamper_with
from volact.credential import checkpoint, merkle
from volact.credential.checkpoint import Entry, entry_leaf
from volact.credential.encoding import b64
from volact.errors import Refused, Untrusted
from volact.service.ledger import log
from volact.service.ledger.connection import reading, writing
from volact.service.signing import sign_pending
from volact.service.usecases import roots, sequencing
from volact.service.usecases.customers import add_organization
from volact.service.usecases.sequencing import catch_up, sequence
from volact.service.usecases.settling import confirm_clock
from volact.service.usecases.verifying import ERASED, verify


def act(office, name="Contoso"):
    """One act on record."""
    return add_organization(office.service, name, parent=None, country=None, act=office.act)


def newest(office):
    """The newest checkpoint, as a client believes it."""
    row = log.newest_signed(office.service.ledger)
    return office.trust().checkpoint(row.text)


def broken(office, *kept):
    """What verifying finds."""
    with pytest.raises(Refused) as caught:
        verify(office.service, kept=kept)
    assert caught.value.code == "log_broken"
    return caught.value


def by_hand(office, statement, *values):
    """Somebody writes to the database with a program of their own, whatever the triggers say."""
    tamper_with(office.service.ledger, statement, values)


@pytest.fixture
def logged(office):
    """A service whose log has 40 entries in several checkpoints."""
    for number in range(39):
        act(office, f"Organization {number}")
        if number % 7 == 0:
            office.time.go(5)
            sequence(office.service)
    sequence(office.service)
    return office


def test_each_act_is_a_leaf_in_its_order(office):
    """The log has every entry of the audit in its order, and the checkpoint says their number and root."""
    for number in range(20):
        act(office, f"Organization {number}")
    assert sequence(office.service) is False
    said, grown = newest(office), merkle.Frontier()
    rows = office.service.ledger.execute(
        "SELECT a.entry, at, who, act, subject, detail, salt FROM audit a JOIN log USING (entry) ORDER BY leaf"
    ).fetchall()
    for row in rows:
        grown, _ = grown.grown(entry_leaf(Entry(*row[:6]), row[6]))
    assert (said.size, said.root) == (21, b64(grown.root))
    assert len({row[6] for row in rows}) == 21


def test_nothing_new_is_no_new_checkpoint(office):
    """Without a new entry nothing is signed, however often the sequencer looks."""
    sequence(office.service)
    before = log.newest_signed(office.service.ledger)
    office.time.go(60)
    sequence(office.service)
    assert log.newest_signed(office.service.ledger) == before


def test_many_entries_are_added_in_parts(office):
    """A long audit is added in transactions of a bounded number of entries, each with its checkpoint."""
    ledger = office.service.ledger
    entries = [(office.act.now, "kari", "noted", str(number), "{}") for number in range(2 * sequencing.MOST)]
    with writing(ledger):
        ledger.executemany("INSERT INTO audit (at, who, act, subject, detail) VALUES (?, ?, ?, ?, ?)", entries)
    assert sequence(office.service) is True
    assert newest(office).size == sequencing.MOST
    catch_up(office.service)
    assert newest(office).size == 2 * sequencing.MOST + 1
    assert verify(office.service).checkpoints == 3


def test_every_proof_of_the_record_holds(logged):
    """From the kept subtrees every proof between any two sizes, and of any entry, can be made."""
    ledger = logged.service.ledger
    nodes, roots_of = log.nodes(ledger), {}
    leaves = [row[0] for row in ledger.execute("SELECT hash FROM log ORDER BY leaf")]
    grown = merkle.Frontier()
    for leaf in leaves:
        grown, _ = grown.grown(leaf)
        roots_of[grown.size] = grown.root
    for second in roots_of:
        for first in range(1, second + 1):
            proof = merkle.consistency_proof(nodes, first, second=second)
            assert merkle.consistent(
                first, second, proof=proof, first_root=roots_of[first], second_root=roots_of[second]
            )
        for index in range(second):
            proof = merkle.inclusion_proof(nodes, index, size=second)
            assert merkle.included(leaves[index], index, size=second, proof=proof, root=roots_of[second])


def test_what_a_crash_left_unsigned_is_signed_as_it_stands(office):
    """A checkpoint on record without its signature gets the text that it would have had, and no entry is doubled."""
    sequence(office.service)
    ledger = office.service.ledger
    before = log.newest_signed(ledger)
    ledger.execute("UPDATE checkpoints SET text = NULL")
    assert log.newest_signed(ledger) is None
    sequence(office.again())
    assert log.newest_signed(ledger) == before
    ledger.execute("UPDATE checkpoints SET text = NULL")
    sign_pending(office.service)
    assert log.newest_signed(ledger) == before


def test_a_checkpoint_whose_key_is_gone_stops_nothing(office):
    """A vault that was restored without a key leaves a checkpoint unsigned, and everything else goes on."""
    sequence(office.service)
    office.service.ledger.execute("UPDATE checkpoints SET text = NULL, kid = 'gone'")
    act(office)
    sequence(office.service)
    assert newest(office).size == 2


def test_two_that_sequence_at_once_add_each_entry_once(office):
    """Whoever comes second finds the work done, also where it looked before the first one had written."""
    other = office.again()
    for number in range(10):
        act(office, f"Organization {number}")
        sequence(office.service if number % 2 else other)
        sequence(other if number % 2 else office.service)
    assert verify(office.service).size == 11


def test_no_checkpoint_while_the_clock_is_in_doubt(office):
    """After the clock fell back nothing is signed and nothing is added until an operator vouches for it."""
    office.time.go(7200)
    act(office)
    sequence(office.service)
    before = newest(office)
    office.time.go(-7000)
    again = office.again()
    add_organization(again, "Late", parent=None, country=None, act=office.act)
    with pytest.raises(Refused) as caught:
        sequence(again)
    assert caught.value.code == "signing_clock"
    catch_up(again)
    assert newest(office) == before
    confirm_clock(again, office.act)
    sequence(again)
    after = newest(office)
    assert after.size == before.size + 2
    assert after.iat == before.iat
    assert checkpoint.contradiction(before, after) is None
    assert verify(again).size == after.size


def test_a_whole_log_fits(logged):
    """A log that nobody touched fits every checkpoint, and those that somebody kept."""
    texts = [row[0] for row in logged.service.ledger.execute("SELECT text FROM checkpoints")]
    found = verify(logged.service, kept=texts)
    assert (found.size, found.entries, found.waiting, found.erased) == (40, 40, 0, 0)
    assert found.checkpoints == len(texts) > 3


def test_younger_entries_are_told_apart(logged):
    """What came after the newest checkpoint is counted as proved by nothing."""
    act(logged)
    found = verify(logged.service)
    assert (found.size, found.entries, found.waiting) == (40, 41, 1)


@pytest.mark.parametrize(
    "change", ["who = 'nobody'", "at = at + 1", "act = 'x'", "subject = 'x'", "detail = '{}'", "detail = detail || ' '"]
)
def test_a_changed_entry_is_named(logged, change):
    """An entry of which one member was changed by hand is named by its number."""
    by_hand(logged, f"UPDATE audit SET {change} WHERE entry = 17")
    assert broken(logged).fields["entry"] == 17


def test_a_removed_entry_is_named(logged):
    """An entry that was removed by hand is named by its number."""
    by_hand(logged, "DELETE FROM audit WHERE entry = 17")
    assert broken(logged).fields["entry"] == 17


def test_an_entry_that_was_removed_with_its_leaf_is_found(logged):
    """Whoever removes the leaf too leaves a gap in the log."""
    by_hand(logged, "DELETE FROM audit WHERE entry = 17")
    by_hand(logged, "DELETE FROM log WHERE entry = 17")
    assert broken(logged).fields["entry"] == 18


def test_an_added_entry_is_named(logged):
    """An entry that was put between others by hand is named by its number."""
    by_hand(logged, "UPDATE audit SET entry = 0 WHERE entry = 17")
    by_hand(
        logged, "INSERT INTO audit SELECT 17, at, who, act, subject, detail, licensing_id FROM audit WHERE entry = 0"
    )
    assert broken(logged).fields["entry"] == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log SET hash = zeroblob(32) WHERE leaf = 16",
        "UPDATE log SET salt = zeroblob(16) WHERE leaf = 16",
        "UPDATE log_nodes SET hash = zeroblob(32) WHERE place = 1",
        "DELETE FROM log_nodes WHERE place = 1",
        "INSERT INTO log_nodes VALUES (4, 99, zeroblob(32))",
        "UPDATE checkpoints SET root = zeroblob(32) WHERE size = 40",
        "UPDATE checkpoints SET text = (SELECT min(text) FROM checkpoints WHERE size < 40) WHERE size = 40",
        "UPDATE checkpoints SET text = 'a.b.c' WHERE size = 40",
        "UPDATE checkpoints SET text = NULL, at = 5 WHERE size = 40",
        "DELETE FROM checkpoints WHERE size = 40",
        "UPDATE log SET salt = NULL WHERE leaf = 16",
    ],
)
def test_whatever_is_changed_of_the_log_itself_is_found(logged, statement):
    """Leaves, subtrees and checkpoints that were changed by hand are found."""
    by_hand(logged, statement)
    broken(logged)


def test_a_log_that_was_made_anew_does_not_fit_what_was_kept(logged):
    """Whoever has the keys can write another history, which does not fit a checkpoint that left the house."""
    row = log.newest_signed(logged.service.ledger)
    kept = row.text
    by_hand(logged, "DELETE FROM log")
    for statement in ("DELETE FROM log_nodes", "DELETE FROM checkpoints", "DELETE FROM audit WHERE entry = 40"):
        by_hand(logged, statement)
    catch_up(logged.service)
    assert verify(logged.service).size == 39
    assert "39" in broken(logged, kept).detail
    act(logged)
    sequence(logged.service)
    assert broken(logged, kept).fields["size"] == 40


def test_what_was_kept_has_to_be_the_publishers(logged):
    """A text that no issuing key of the publisher signed is no checkpoint that anything is compared with."""
    for text in ("", "a.b.c", log.newest_signed(logged.service.ledger).text[:-4] + "AAAA"):
        with pytest.raises(Untrusted):
            verify(logged.service, kept=[text])


def test_checkpoints_of_a_compromised_key_still_fit(logged):
    """After a key was compromised and replaced the old checkpoints still fit, and the new one is by the new key."""
    kid = log.newest_signed(logged.service.ledger).kid
    roots.rotate(logged.service, logged.roots, compromised=[kid], act=logged.act)
    sequence(logged.service)
    assert log.newest_signed(logged.service.ledger).kid != kid
    assert verify(logged.service).size == newest(logged).size == 41


def test_an_entry_can_be_erased_and_the_log_still_fits(logged):
    """Once its salt is erased the texts of an entry may go; the log fits, if a later entry says that this was done."""
    ledger = logged.service.ledger
    erase = "UPDATE audit SET who = '', subject = '', detail = '{}' WHERE entry = 17"
    with pytest.raises(BROKEN):
        ledger.execute(erase)
    ledger.execute("UPDATE log SET salt = NULL WHERE entry = 17")
    ledger.execute(erase)
    with suppress(*BROKEN):
        ledger.execute("UPDATE audit SET act = 'x' WHERE entry = 17")
    assert broken(logged).fields["entry"] == 17
    said = json.dumps({"entry": 17})
    ledger.execute(
        "INSERT INTO audit (at, who, act, subject, detail) VALUES (?, 'kari', ?, 'x', ?)",
        (logged.act.now, ERASED, said),
    )
    sequence(logged.service)
    assert verify(logged.service).erased == 1


def test_a_log_of_nothing_is_whole(office):
    """Before the sequencer's first look everything waits, and nothing is broken."""
    found = verify(office.service)
    assert (found.size, found.checkpoints, found.waiting) == (0, 0, 1)
    with reading(office.service.ledger):
        assert log.size(office.service.ledger) == 0
