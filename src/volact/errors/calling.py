"""Codes for whoever calls the management API or the telephone menu: tokens, signatures, pages, writes sent again."""

from __future__ import annotations

from volact.errors.code import Code

CALLING = (
    Code(
        "call_unsigned",
        "The telephone menu does not know the caller",
        "The request has no signature of the telephony provider, or one by another token or over another URL.",
        "Give the provider's token and the menu's URL as the provider has them: `volact service telephone set`.",
        403,
    ),
    Code(
        "cursor_invalid",
        "That is no place in this list",
        "The cursor was not given by a page of the same list, or was changed on its way.",
        "Use the `next` of the page before as it is, or start without a cursor.",
        400,
    ),
    Code(
        "idempotency_in_flight",
        "The same write is under way",
        "A request with this Idempotency-Key came before and has not been answered yet.",
        "Wait a moment and send the same request again; it is not done twice.",
        409,
    ),
    Code(
        "idempotency_key_reused",
        "Another write has that Idempotency-Key",
        "The token has sent another request under this Idempotency-Key within the last day.",
        "Draw a new Idempotency-Key for each write; send a write again exactly as it was.",
        422,
    ),
    Code(
        "scope_missing",
        "The token may not do that",
        "The token was made without the scope that this operation asks for.",
        "Use a token with that scope, or have one made: `volact service token add`.",
        403,
    ),
    Code(
        "token_refused",
        "No token that is in force",
        "The request has no token, or one that is unknown, revoked or past its last day.",
        "Send the header `Authorization: Bearer TOKEN` with a token of `volact service token add`.",
        401,
    ),
    Code(
        "unknown_token",
        "No such token",
        "The publisher's record has no token of that id.",
        "Compare the id with `volact service token list`; it is the part after `vlt_`.",
        404,
    ),
)
