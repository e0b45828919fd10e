"""What a host may serve at a moment, its platform, and when its certificate is due."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from tests.support.desk import certificate, host_state
from tests.support.publisher import DAY, NOW, Publisher
from volact.errors import Refusal, Refused
from volact.host.machine import choose_platform
from volact.host.records import Certificate
from volact.host.state import HostState
from volact.host.upkeep import is_renewal_due


def test_the_certificate_that_ends_last_is_used() -> None:
    """Where two certificates name a product's group, leases are given under the one that ends last."""
    publisher = Publisher.of()
    state = host_state(publisher, "windows-7")
    publisher.clock.now += DAY
    later = certificate(publisher, "windows-server-2008-r2-b")
    both = replace(state, certificates=(*state.certificates, later))
    assert both.certificate_for("windows-7-professional", NOW + DAY) == later
    assert both.certificate_for("windows-vista-business", NOW + 180 * DAY) == later


def test_only_the_newest_certificate_of_a_key_counts() -> None:
    """A certificate that was followed by another one of its key gives no more leases, and answers repeats alone."""
    state = host_state(Publisher.of(), "windows-7")
    (only,) = state.certificates
    old = HostState(state.settings, state.trust, (Certificate(only.claims, only.text, newest=False),))
    found = old.certificate_for("windows-7-professional", NOW)
    assert isinstance(found, Refusal)
    assert old.by_jti[only.claims.jti].text == only.text


def test_a_certificate_of_another_machine_counts_for_nothing() -> None:
    """A certificate that names another machine than this one gives no leases here."""
    state = host_state(Publisher.of(), "windows-7")
    moved = replace(state, settings=structs.replace(state.settings, dev="0" * 15))
    found = moved.certificate_for("windows-7-professional", NOW)
    assert isinstance(found, Refusal)
    assert (found.code, moved.newest, dict(moved.by_jti)) == ("host_not_activated", (), {})


def test_a_certificate_is_in_force_between_its_ends() -> None:
    """A certificate is in force until its end, and from four hours before its beginning, for clocks differ."""
    state = host_state(Publisher.of(), "windows-7")
    said = state.certificates[0].claims
    moments = (said.iat - 4 * 3600 - 1, said.iat - 4 * 3600, said.exp - 1, said.exp)
    assert [len(state.in_force(moment)) for moment in moments] == [0, 1, 1, 0]


def test_renewal_is_due_from_two_thirds_on() -> None:
    """A certificate of 180 days is renewed from its 120th day on."""
    (found,) = host_state(Publisher.of(), "windows-7").certificates
    assert [is_renewal_due(found, NOW + days * DAY) for days in (0, 119, 120, 200)] == [False, False, True, True]


@pytest.mark.parametrize(
    ("name", "asked", "system", "expected"),
    [
        ("demo", None, "linux", "linux"),
        ("demo", None, "win32", "windows"),
        ("demo", None, "sunos5", "linux"),
        ("demo", "macos", "linux", "macos"),
        ("reference", None, "linux", "windows-server-2008-r2"),
    ],
)
def test_the_platform(name: str, asked: str | None, system: str, expected: str) -> None:
    """A platform is the one asked for, else this system's where the catalog has it, else the catalog's default."""
    assert choose_platform(Publisher.of(name).catalog, asked, system=system) == expected


def test_a_platform_that_is_not_known() -> None:
    """An unknown platform is refused with the platforms that the catalog has."""
    with pytest.raises(Refused) as caught:
        choose_platform(Publisher.of("demo").catalog, "amiga", system="linux")
    assert caught.value.fields["platforms"] == ["linux", "windows", "macos"]
