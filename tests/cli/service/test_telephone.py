"""Activation by telephone between a computer without a network and the activation center, by their commands alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import Said, volact
from tests.support.service import Key, Place
from volact.credential.telephone.installation import make_installation_id, named_dev
from volact.errors import Refused
from volact.service.usecases.retiring import retire

CALL = ("--caller", "K. Berg", "--proof", "invoice 114", "--reason", "no network on board")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A publisher whose catalog lets declared computers do everything."""
    return Place.make(tmp_path / "service")


def computer(place: Place, home: Path, key: Key, *, identity: str) -> tuple[str, ...]:
    """A computer with a key that has never seen a network; gives its installation ID."""
    publisher, declared = home.with_suffix(".publisher"), home.with_suffix(".json")
    declared.write_text(f'{{"id": "{identity}", "virtual": false, "components": {{}}}}')
    assert volact("service", "publisher-file", place.folder, publisher).code == 0
    words = ("client", "--home", home)
    made = volact(*words, "init", "--product", "tracer-9", "--publisher", publisher, "--identity", declared)
    assert made.code == 0, made.err
    assert volact(*words, "install-key", "-", text=key.text).code == 0
    groups: list[str] = volact(*words, "installation-id").data["groups"]
    return tuple(groups)


def told(place: Place, text: str, *options: str) -> Said:
    """What the center's command says of an installation ID."""
    return volact("service", "center", "confirm", place.folder, text, *(options or CALL))


def test_f24_telephone_activates_a_computer_without_a_network(place: Place, tmp_path: Path) -> None:
    """What a computer reads out, the center confirms; the computer believes it, and the key has one less."""
    key = place.key("tracer-9", "mak", activations=2)
    groups = computer(place, tmp_path / "laptop", key, identity="one")
    given = told(place, "-".join(groups))
    assert (given.data["remaining"], given.data["repeated"], len(given.data["groups"])) == (1, False, 20)
    typed = volact("client", "--home", tmp_path / "laptop", "confirm", " ".join(given.data["groups"]))
    assert typed.code == 0, typed.out
    (status,) = volact("client", "--home", tmp_path / "laptop", "status").data["products"]
    assert (status["state"], status["method"], status["expires"]) == ("licensed", "mak", None)


def test_f29_telephone_gives_the_same_again_and_takes_nothing(place: Place, tmp_path: Path) -> None:
    """The same installation ID, in either form, has the same confirmation and takes nothing; another one takes one."""
    key = place.key("tracer-9", "mak", activations=2)
    groups = computer(place, tmp_path / "laptop", key, identity="one")
    keyboard = volact("client", "--home", tmp_path / "laptop", "installation-id").data["keyboard"]
    first = told(place, "".join(groups))
    again = told(place, keyboard if isinstance(keyboard, str) else "-".join(keyboard))
    assert again.data["groups"] == first.data["groups"]
    assert (again.data["repeated"], again.data["remaining"]) == (True, 1)
    other = computer(place, tmp_path / "other", key, identity="two")
    assert told(place, "-".join(other)).data["remaining"] == 0
    third = told(place, "-".join(computer(place, tmp_path / "third", key, identity="three")))
    assert third.refused == "mak_exhausted"
    assert third.data["error"]["center"]
    assert told(place, "-".join(groups)).data["groups"] == first.data["groups"]


def test_f25_telephone_takes_from_the_number_that_the_center_raises(place: Place, tmp_path: Path) -> None:
    """F25: a computer for which the key has nothing left is confirmed once the center has raised the number."""
    key = place.key("tracer-9", "mak", activations=1)
    one, other = (computer(place, tmp_path / name, key, identity=name) for name in ("one", "other"))
    assert told(place, "-".join(one)).data["remaining"] == 0
    refused = told(place, "-".join(other))
    assert (refused.refused, refused.data["error"]["center"]["number"]) == ("mak_exhausted", "+47 55 50 01 42")
    assert volact("service", "center", "raise", place.folder, key.keyid, "--activations", 2, *CALL).code == 0
    assert told(place, "-".join(other)).data["remaining"] == 0
    assert (place.row(key).used, place.row(key).allowance) == (2, 2)


def test_f44_telephone_needs_caller_proof_and_reason(place: Place, tmp_path: Path) -> None:
    """Nothing is confirmed without caller, proof and reason, and all three are on record with the activation."""
    key = place.key("tracer-9", "mak", activations=2)
    text = "-".join(computer(place, tmp_path / "laptop", key, identity="one"))
    assert told(place, text, "--caller", "K", "--proof", " ", "--reason", "R").refused == "proof_required"
    assert place.row(key).used == 0
    assert told(place, text).code == 0
    with place.opened() as service:
        rows = service.ledger.execute("SELECT detail FROM audit WHERE act = 'activated'").fetchall()
    ((detail,),) = rows
    assert '"channel": "center"' in detail
    assert '"caller": "K. Berg"' in detail
    assert '"proof": "invoice 114"' in detail


def test_what_is_read_wrongly_is_named_and_takes_nothing(place: Place, tmp_path: Path) -> None:
    """A wrong digit is found in its group; an ID of another key, and of no key, look alike; other kinds are refused."""
    key = place.key("tracer-9", "mak", activations=2)
    groups = list(computer(place, tmp_path / "laptop", key, identity="one"))
    wrong = [*groups[:3], groups[3][:-1] + str((int(groups[3][-1]) + 1) % 10), *groups[4:]]
    said = told(place, "-".join(wrong))
    assert (said.refused, said.data["error"]["groups"]) == ("installation_id_mistyped", [4])
    elsewhere = Place.make(tmp_path / "elsewhere")
    assert told(elsewhere, "-".join(groups)).refused == "key_unknown"
    place.block(key)
    assert told(place, "-".join(groups)).refused == "key_blocked"
    assert place.row(key).used == 0


def test_a_confirmation_that_was_given_back_ends_and_is_not_given_again(tmp_path: Path) -> None:
    """A returned activation by telephone is on the list by key and computer, and the same ID is not confirmed again."""
    place = Place.make(tmp_path / "service", catalog="reference")
    key = place.key("windows-7-professional", "mak", activations=2)
    from volact.credential.telephone.installation import make_installation_id
    from volact.service.ports import Act
    from volact.service.usecases.telephoning import confirm_installation

    text = make_installation_id(key.derived.proof_key, keyid=key.keyid, dev="0" * 15).qr
    with place.opened() as service:
        act = Act("test", service.clock.now())
        confirm_installation(service, text, act=act, channel="center")
        (row,) = service.ledger.execute("SELECT activation_id FROM activations").fetchall()
        retire(service, row[0], reason="gone", act=act)
        with pytest.raises(Refused) as caught:
            confirm_installation(service, text, act=act, channel="center")
        assert caught.value.code == "confirmation_returned"
    listed = place.trust.revocations
    assert [(entry.keyid, entry.dev) for entry in listed.telephone] == [(key.keyid, "0" * 15)]
    assert listed.activations == ()


def test_f44_telephone_center_reads_out_a_host_with_its_end_and_its_place(place: Place) -> None:
    """For a host the center is told until when its confirmation holds and which place it has, and `key show` says that
    it was activated by telephone; an installation ID that is a directory's is confirmed where that is said."""
    key = place.key("solver-server-9", "host")

    def call(name: str, *options: str) -> Said:
        made = make_installation_id(key.derived.proof_key, keyid=key.keyid, dev=named_dev(name))
        return told(place, made.qr, *CALL, *options)

    host = call("host 1").data
    assert (host["role"], host["repeated"], host["remaining"]) == ("host", False, 5)
    assert host["host_id"]
    words = ("service", "center", "confirm", place.folder, "-", *CALL)
    made = make_installation_id(key.derived.proof_key, keyid=key.keyid, dev=named_dev("host 1"))
    shown = volact(*words, text=" ".join(made.groups) + "\n", json=False).out
    assert "nothing was taken" in shown
    assert "call again before" in shown
    assert call("d-contoso", "--role", "directory").data["role"] == "directory"
    taken = call("host 2", "--slot", host["host_id"]).data
    sheet = volact("service", "key", "show", place.folder, key.keyid).data
    assert [(row["host_id"], row["way"]) for row in sheet["freed_hosts"]] == [(host["host_id"], "telephone")]
    assert {row["way"] for row in sheet["hosts"]} == {"telephone", "directory"}
    assert taken["used"] == 2
    assert call("host 3", "--role", "computer").refused == "key_wrong_kind"
