"""What names a computer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volact.client import machine
from volact.client.records import Identity
from volact.credential.encoding import b64
from volact.credential.identity import vector_mark
from volact.errors import Malformed, Refused

DECLARED = Identity(path="identity.json")


def declared(**said):
    """The computer of an identity file."""
    return machine.recognize(DECLARED, json.dumps(said).encode(), publisher="acme.example")


def test_the_same_declaration_is_the_same_computer():
    """Two declarations of one id name one computer, and another id another one."""
    one, two, other = (declared(id=name) for name in ("a", "a", "b"))
    assert one.dev == two.dev != other.dev


def test_two_publishers_see_two_devices():
    """The same computer has another `dev` for another publisher, so that they cannot join what they see."""
    mine, theirs = (
        machine.recognize(DECLARED, b'{"id":"a"}', publisher=name) for name in ("acme.example", "other.example")
    )
    assert mine.dev != theirs.dev


def test_components_belong_to_the_vector_and_not_to_dev():
    """A changed component leaves `dev` as it is, and the computer is another one than before."""
    before, after = declared(id="a", components={"disk": "1"}), declared(id="a", components={"disk": "2"})
    assert before.dev == after.dev
    assert not machine.matches(before.vector, after)


@given(st.binary(max_size=100))
def test_no_bytes_break_an_identity_file(data):
    """Whatever an identity file holds, it says who the computer is or it does not."""
    found = machine.recognize(DECLARED, data, publisher="acme.example")
    assert found is None or len(found.dev) == 15


@pytest.mark.parametrize("data", [b"", b"[]", b'{"id":""}', b'{"id":1}', b'{"virtual":true}'])
def test_an_identity_file_needs_an_id(data):
    """An identity file without an id is refused."""
    with pytest.raises(Malformed):
        machine.read_declaration(data)


def test_a_missing_declaration_is_changed_hardware(tmp_path):
    """A declared identity that is gone is `hardware_changed`."""
    with pytest.raises(Refused) as caught:
        machine.this_machine(Identity(path=str(tmp_path / "none")), "acme.example")
    assert caught.value.code == "hardware_changed"


def test_a_random_id_is_the_same_each_time():
    """A computer without a machine id is known by a random id that its home keeps."""
    kept = Identity(random=b64(bytes(range(16))))
    assert machine.this_machine(kept, "a.example") == machine.this_machine(kept, "a.example")


def test_a_vector_belongs_to_the_credential_that_was_given_for_it():
    """A vector is the credential's if it hashes to its `mv` or gives its `dev`, and not otherwise."""
    here = declared(id="a", components={"disk": "1"})
    fits = [
        machine.names_vector(here.vector, "acme.example", dev=dev, mark=mark)
        for dev, mark in ((here.dev, "other"), ("other", vector_mark(here.vector)), ("other", "other"))
    ]
    assert fits == [True, True, False]
