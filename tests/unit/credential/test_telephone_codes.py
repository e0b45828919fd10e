"""Telephone codes: what is mistyped is found and named, and no code works for anything that it was not made for."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from vectors.telephone import ENDING, HOST, MONTH, SIGNER, confirmed, subject

from volact.credential.encoding import ALPHABET, crockford
from volact.credential.telephone import confirmation, installation
from volact.credential.telephone.confirmation import (
    ConfirmationId,
    Header,
    Role,
    check_confirmation,
    confirm,
    month_end,
    month_of,
    read_confirmation_id,
)
from volact.credential.telephone.installation import InstallationId, make_installation_id, read_installation_id
from volact.errors import Refusal

FORMS = {
    f"{form.name}{kind}": form
    for forms in (installation.FORMS, confirmation.FORMS)
    for kind, form in ((" in digits", forms.digits), (" in keyboard form", forms.keyboard))
}
EVERY_FORM = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
NUMBERS = st.integers(0, 2**159 - 1)
NOW = int(datetime(2027, 1, 15, tzinfo=UTC).timestamp())


def signs(form):
    """The symbols of a form."""
    return ALPHABET[: len(form.table)]


def named(form, groups):
    """The groups that a reader names, from 0."""
    found = form.read(" ".join(groups))
    assert isinstance(found, Refusal)
    assert found.code == form.code
    return [group - 1 for group in found.fields["groups"]]


@EVERY_FORM
@given(NUMBERS)
def test_a_number_comes_back(form, number):
    """A number is read back from its groups, pasted whole or group by group."""
    groups = form.write(number)
    assert len(groups) == form.groups
    assert {len(group) for group in groups} == {form.size}
    assert form.read(" ".join(groups)) == form.read("".join(groups).lower()) == number
    assert [form.check_group(index, group) for index, group in enumerate(groups)] == list(groups)


@EVERY_FORM
@settings(max_examples=5, deadline=None)
@given(NUMBERS)
def test_every_single_wrong_symbol_is_named(form, number):
    """Every single wrong symbol, in every place of a code, is found, and its group is named."""
    groups = form.write(number)
    for index, group in enumerate(groups):
        for place, symbol in enumerate(group):
            for other in signs(form).replace(symbol, ""):
                wrong = form.check_group(index, group[:place] + other + group[place + 1 :])
                assert isinstance(wrong, Refusal)
                assert wrong.fields == {"groups": [index + 1]}


@EVERY_FORM
@given(NUMBERS)
def test_every_swap_of_neighbors_is_named(form, number):
    """Every swap of two neighboring symbols is found, within a group and across two, and their groups are named."""
    text = "".join(form.write(number))
    for place in range(len(text) - 1):
        one, other = text[place], text[place + 1]
        swapped = text[:place] + other + one + text[place + 2 :]
        groups = [swapped[start : start + form.size] for start in range(0, len(text), form.size)]
        where = {place // form.size, (place + 1) // form.size}
        assert one == other or named(form, groups) == sorted(where)


@EVERY_FORM
@given(NUMBERS, st.data())
def test_a_group_in_a_wrong_place_is_named(form, number, data):
    """A group in the place of any other is named, except in digits ten places off."""
    groups = form.write(number)
    index, source = data.draw(st.tuples(*[st.integers(0, form.groups - 1)] * 2).filter(lambda two: two[0] != two[1]))
    moved = [*groups[:index], groups[source], *groups[index + 1 :]]
    if (index - source) % len(form.table):
        assert named(form, moved) == [index]
    else:
        assert form.read(" ".join(moved)) == form.read("".join(moved))
        assert not isinstance(form.read("".join(moved)), Refusal)


@EVERY_FORM
@given(NUMBERS, st.data())
def test_a_missing_symbol_is_found_where_groups_are_run_together(form, number, data):
    """Where one symbol is missing or too many, its group is named, alone or among few if groups run together."""
    groups = list(form.write(number))
    index = data.draw(st.integers(0, form.groups - 1))
    place = data.draw(st.integers(0, form.size - 1))
    group = groups[index]
    less = [*groups[:index], group[:place] + group[place + 1 :], *groups[index + 1 :]]
    more = [
        *groups[:index],
        group[:place] + data.draw(st.sampled_from(signs(form))) + group[place:],
        *groups[index + 1 :],
    ]
    assert named(form, less) == named(form, more) == [index]
    for text in ("".join(less), "".join(more)):
        found = form.read(text)
        assert isinstance(found, Refusal)
        assert index + 1 in found.fields["groups"]


@EVERY_FORM
@given(NUMBERS, st.data())
def test_a_group_twice_or_missing_is_named(form, number, data):
    """A group that was typed twice, or left out, is the one that is named."""
    groups = list(form.write(number))
    index = data.draw(st.integers(0, form.groups - 1))
    assert named(form, [*groups[: index + 1], *groups[index:]]) == [index]
    assert named(form, [*groups[:index], *groups[index + 1 :]]) == [index]


@EVERY_FORM
@given(st.text(max_size=160))
def test_any_text_is_a_number_or_refused(form, text):
    """Any text at all is a number or is refused with groups of the code, and nothing else happens."""
    found = form.read(text)
    if isinstance(found, Refusal):
        groups = found.fields["groups"]
        assert groups
        assert set(groups) <= set(range(1, form.groups + 1))
        assert sorted(groups) == groups


@given(st.text(st.sampled_from(ALPHABET + " OILU-!"), max_size=180))
def test_any_typed_code_is_read_or_refused(text):
    """Any text is a code of its kind, or is refused with a code of the catalog."""
    for read, kind in ((read_installation_id, InstallationId), (read_confirmation_id, ConfirmationId)):
        found = read(text)
        assert isinstance(found, kind) or found.known.name == found.code


def test_a_number_that_does_not_fit_is_not_written():
    """A number of more digits than the groups hold is not written."""
    with pytest.raises(ValueError, match="does not fit"):
        installation.FORMS.digits.write(10**48)


def test_codes_fill_small_qr_codes():
    """The digits of an installation ID fill a QR code of version 2, those of a confirmation ID one of version 4."""
    one = confirmed(subject())
    assert segno.make(subject().installation.qr, error="m", micro=False, boost_error=False).version == 2
    assert segno.make(one.qr, error="m", micro=False, boost_error=False).version == 4


@given(st.binary(min_size=32, max_size=32), st.integers(0, 2**48 - 1), st.integers(0, 2**75 - 1))
def test_an_installation_id_is_the_same_each_time_and_holds_for_its_key_alone(proof_key, keyid, dev):
    """The same key on the same computer has the same installation ID, which holds for its own proof key alone."""
    said = {"keyid": crockford(keyid, 10), "dev": crockford(dev, 15)}
    iid = make_installation_id(proof_key, **said)
    assert make_installation_id(proof_key, **said) == iid
    assert iid.holds(proof_key)
    assert not iid.holds(bytes(31) + bytes([proof_key[-1] ^ 1]))
    for text in (iid.qr, " ".join(iid.groups), "-".join(iid.keyboard), "".join(iid.keyboard).lower()):
        assert read_installation_id(text) == iid


ROLES = st.sampled_from(Role)
SUBJECTS = st.builds(
    lambda role, group, publisher, key, dev: subject(
        role,
        make_installation_id(bytes([key]) * 32, keyid=f"{key:010}", dev=f"{dev:015}"),
        group=group,
        publisher=publisher,
    ),
    ROLES,
    st.integers(0, 2**18 - 1),
    st.sampled_from(["acme.example", "other.example"]),
    st.integers(0, 9),
    st.integers(0, 9),
)
HEADERS = st.builds(Header, st.integers(0, 15), st.integers(MONTH, MONTH + 12))


@settings(max_examples=8, deadline=None)
@given(SUBJECTS, HEADERS)
def test_no_code_works_for_anything_else(said, header):
    """A confirmation of one computer, key, publisher, product group, role, month or slot works for no other."""
    one = confirm(said, header, signer=SIGNER, mask=bytes(48))
    read = read_confirmation_id(" ".join(one.groups))
    assert read == one == read_confirmation_id("".join(one.keyboard))
    assert check_confirmation(one, said, key=SIGNER.public, now=NOW) is None
    iid = said.installation
    others = [replace(said, role=role) for role in Role if role is not said.role]
    others += [replace(said, group=said.group ^ 1), replace(said, publisher=said.publisher + "x")]
    changes = ({"keyid": "7ZZZZZZZZZ"}, {"dev": "Z" * 15}, {"proof": iid.proof ^ 1})
    others += [replace(said, installation=replace(iid, **change)) for change in changes]
    headers = [replace(header, slot=header.slot ^ 1), replace(header, last_month=header.last_month ^ 1)]
    tried = [(one, other) for other in others] + [(replace(one, header=each), said) for each in headers]
    for confirmation_id, other in tried:
        refused = check_confirmation(confirmation_id, other, key=SIGNER.public, now=NOW)
        assert refused is not None
        assert refused.code == "confirmation_invalid"


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 9))
def test_a_group_ten_places_off_is_refused_by_the_signature(index):
    """Two groups of a confirmation ID that stand ten places off fit their checks, and the signature refuses them."""
    groups = list(confirmed(subject()).groups)
    groups[index], groups[index + 10] = groups[index + 10], groups[index]
    read = read_confirmation_id(" ".join(groups))
    if isinstance(read, ConfirmationId):
        refused = check_confirmation(read, subject(), key=SIGNER.public, now=NOW)
        assert refused is not None
        assert refused.code == "confirmation_invalid"
    else:
        assert read.code == "confirmation_invalid"


@pytest.mark.parametrize(
    ("said", "header"),
    [
        (subject(), Header(16)),
        (subject(), Header(-1)),
        (subject(), Header(0, 256)),
        (subject(), Header(0, -1)),
        (subject(), Header(0, 0, 2)),
        (HOST, Header(3)),
        (replace(HOST, role=Role.DIRECTORY), Header(3)),
    ],
)
def test_what_could_not_be_read_is_not_signed(said, header):
    """No confirmation is signed with a header out of range, nor one without an end for a host or a directory."""
    with pytest.raises(ValueError, match=r"out of range|has an end"):
        confirm(said, header, signer=SIGNER, mask=bytes(48))


@given(st.integers(1, 255))
def test_a_month_ends_where_the_next_begins(month):
    """A month ends with the second before the next one begins, in UTC; the first is January 2025."""
    end = month_end(month)
    assert (month_of(end - 1), month_of(end)) == (month, month + 1)
    assert month_of(int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())) == 1
    assert month_of(2**40) > 255


def test_a_host_is_confirmed_for_a_year_at_most():
    """A host's confirmation holds from now to the end of a month at most twelve months ahead."""
    one = confirmed(HOST, ENDING)
    ends = month_end(ENDING.last_month)
    assert check_confirmation(one, HOST, key=SIGNER.public, now=NOW) is None
    assert check_confirmation(one, HOST, key=SIGNER.public, now=ends - 1) is None
    assert check_confirmation(one, HOST, key=SIGNER.public, now=ends) is not None
    assert check_confirmation(one, HOST, key=SIGNER.public, now=NOW - 31 * 86_400) is not None
