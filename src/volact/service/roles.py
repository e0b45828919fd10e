"""Roles of the pages' members, and what each may do: a customer's people, and the publisher's own."""

from __future__ import annotations

from enum import StrEnum


class Right(StrEnum):
    """One thing that a page lets somebody do."""

    REPORTS = "reports"  # counts, agreements, activations, hosts: no key
    KEYS = "keys"  # product keys revealed, downloaded, exported; telephone activation
    MANAGE = "manage"  # activations retired, requests to the center, API tokens
    MEMBERS = "members"  # people invited, their roles
    CENTER = "center"  # the activation center's acts
    AUDIT = "audit"  # what was done, with its proofs
    OFFICE = "office"  # the publisher's back office


class Role(StrEnum):
    """What a member is in an organization; the last three are the publisher's own people."""

    ADMINISTRATOR = "administrator"
    KEY_ADMINISTRATOR = "key_administrator"
    KEY_READER = "key_reader"
    REPORT_READER = "report_reader"
    PUBLISHER = "publisher_administrator"
    OPERATOR = "center_operator"
    AUDITOR = "auditor"


RIGHTS = {
    Role.ADMINISTRATOR: frozenset({Right.REPORTS, Right.KEYS, Right.MANAGE, Right.MEMBERS}),
    Role.KEY_ADMINISTRATOR: frozenset({Right.REPORTS, Right.KEYS, Right.MANAGE}),
    Role.KEY_READER: frozenset({Right.REPORTS, Right.KEYS}),
    Role.REPORT_READER: frozenset({Right.REPORTS}),
    Role.PUBLISHER: frozenset({Right.OFFICE, Right.CENTER, Right.AUDIT, Right.MEMBERS}),
    Role.OPERATOR: frozenset({Right.CENTER}),
    Role.AUDITOR: frozenset({Right.AUDIT}),
}
CUSTOMERS = (Role.ADMINISTRATOR, Role.KEY_ADMINISTRATOR, Role.KEY_READER, Role.REPORT_READER)
PUBLISHERS = (Role.PUBLISHER, Role.OPERATOR, Role.AUDITOR)


def may(role: Role, right: Right) -> bool:
    """Whether a role has a right."""
    return right in RIGHTS[role]


def may_give(own: Role, wanted: Role) -> bool:
    """Whether who has one role may invite to the other, in the same organization: never to more than it has itself."""
    return may(own, Right.MEMBERS) and RIGHTS[wanted] <= RIGHTS[own]
