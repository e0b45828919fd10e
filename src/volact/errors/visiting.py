"""Codes of what the pages refuse: members, invitations, roles."""

from __future__ import annotations

from volact.errors.code import Code

VISITING = (
    Code(
        "already_member",
        "That person has a role there already",
        "The address was invited before, and the invitation was accepted.",
        "Change the role on the page of members.",
        409,
    ),
    Code(
        "code_unreadable",
        "The photograph has no code that can be read",
        "It is blurred, cut off, shows several codes, or is no JPEG or PNG picture.",
        "Take it again, near and straight, with one code on it; or type the digits.",
        422,
    ),
    Code(
        "form_outdated",
        "The page was open for too long",
        "The form was sent from a page of another session, or without the mark that pages carry against forgery.",
        "Open the page again and send it from there; nothing was changed.",
        403,
    ),
    Code(
        "invitation_ended",
        "The invitation does not hold any more",
        "A link invites once, for 72 hours, and can be withdrawn.",
        "Ask whoever invited you for a new one.",
        410,
    ),
    Code(
        "last_administrator",
        "Somebody has to stay administrator",
        "Nobody would be left who can invite others.",
        "Give somebody else the role of administrator first.",
        409,
    ),
    Code(
        "mail_unsent",
        "The e-mail could not be sent",
        "The mail server was not reached, or did not take the message.",
        "Hand the link over in another way; an operator looks at `service run --mail`.",
        502,
    ),
    Code(
        "role_missing",
        "Your role does not include this",
        "What was asked for belongs to another role in this organization.",
        "Ask an administrator of the organization for that role, or to do it.",
        403,
    ),
    Code(
        "sign_on_taken",
        "That account is another member's",
        "An account of the single sign-on signs in one member here.",
        "Let that member disconnect it first, or connect another account.",
        409,
    ),
    Code(
        "unknown_member",
        "Nobody of that id",
        "No member of the organization has that id.",
        "Look at the page of members.",
        404,
    ),
)
