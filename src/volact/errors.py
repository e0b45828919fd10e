"""The error tree and the catalog of stable codes: code, title, cause, fix, HTTP status.

    VolactError            something that a face shows: it carries a Refusal
    ├── Refused            the trade said no; the value that said so travels to the nearest face
    ├── Malformed          bytes that are not what they claim to be          request_malformed
    ├── Untrusted          bytes that parse but are not believed             answer_untrusted, root_untrusted
    ├── Unreachable        nobody answered                                   host_unreachable, service_unreachable
    ├── Damaged            our own state on disk cannot be read              state_damaged
    └── StorageFull        our own state cannot be written                   storage_full

A refusal that the trade expects is a value (`Refusal`); rooms return it, and only a use case that has no
other way to hand it to its face raises it as `Refused`. Codes are append-only: a retired one stays as a reserved line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = [
    "CODES",
    "Code",
    "Damaged",
    "Malformed",
    "Refusal",
    "Refused",
    "StorageFull",
    "Unreachable",
    "Untrusted",
    "VolactError",
]


@dataclass(frozen=True, slots=True)
class Code:
    """One stable code: what it is called, what caused it, what mends it, and its one HTTP status."""

    name: str
    title: str
    cause: str
    fix: str
    status: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal that the trade expects: a stable code, this case's own words, and the code's own fields."""

    code: str
    detail: str
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def known(self) -> Code:
        """The catalog's entry for the code; a code from a newer peer reads as `unknown_code`."""
        return CODES.get(self.code, CODES["unknown_code"])


class VolactError(Exception):
    """Whatever goes wrong in Volact, as a refusal that a face can show."""

    code = "internal"

    def __init__(self, detail: str, *, code: str | None = None, **fields: object) -> None:
        super().__init__(detail)
        self.refusal = Refusal(code or self.code, detail, fields)
        self.code = self.refusal.code

    @property
    def detail(self) -> str:
        """This case's own words."""
        return self.refusal.detail

    @property
    def fields(self) -> Mapping[str, object]:
        """The code's own fields."""
        return self.refusal.fields


class Refused(VolactError):
    """A refusal value on its way to the nearest face."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.detail, code=refusal.code, **dict(refusal.fields))


class Malformed(VolactError):
    """Bytes that are not what they claim to be."""

    code = "request_malformed"


class Untrusted(VolactError):
    """Bytes that can be read but are not believed."""

    code = "answer_untrusted"


class Unreachable(VolactError):
    """Nobody answered; never a verdict about a license."""

    code = "service_unreachable"


class Damaged(VolactError):
    """A file or database of ours that cannot be read."""

    code = "state_damaged"


class StorageFull(VolactError):
    """A file or database of ours that cannot be written."""

    code = "storage_full"


def _table(*codes: Code) -> dict[str, Code]:
    return {code.name: code for code in codes}


CODES: Mapping[str, Code] = _table(
    Code(
        "agreement_ended",
        "The agreement has ended",
        "The last day of the agreement is over; keys given before go on working.",
        "Renew the agreement, or use another Licensing ID of the organization.",
        409,
    ),
    Code(
        "agreement_not_started",
        "The agreement has not started",
        "The first day of the agreement is still to come.",
        "Ask again from that day on.",
        409,
    ),
    Code(
        "allowance_below_used",
        "The allowance would fall below what is used",
        "More activations were taken already than the new allowance permits.",
        "Set the allowance to at least the number that is used.",
        409,
    ),
    Code(
        "answer_untrusted",
        "The answer cannot be believed",
        "What came back is not an answer to this request that is signed by a key that the publisher's root reaches.",
        "Check which program answers at that address; nothing was changed by the answer.",
        502,
    ),
    Code(
        "catalog_invalid",
        "The catalog is not valid",
        "The catalog file breaks a rule of its format, or would break what was issued from the one before.",
        "Mend the named place; docs/catalog.md describes every member.",
        422,
    ),
    Code(
        "clock_out_of_range",
        "A clock is wrong",
        "The computer's clock and the clock of the host or service are more than four hours apart.",
        "Set the clock that is wrong, then ask again; the message says what each of them shows.",
        409,
    ),
    Code(
        "clone_detected",
        "Another copy was renewed before",
        "The certificate was renewed already from another copy of this folder, or from a backup of it.",
        "Run `volact host activate` on the copy that is to stay; it gets a new device key, which ends the other copy.",
        409,
    ),
    Code(
        "confirmation_invalid",
        "The confirmation does not fit",
        "The confirmation ID is typed correctly but was not made for this installation.",
        "Compare the installation ID with the one that was read out, and ask for its confirmation.",
        422,
    ),
    Code(
        "confirmation_mistyped",
        "The confirmation ID is mistyped",
        "A group's check digit does not fit its other digits.",
        "Type the named groups again.",
        422,
    ),
    Code(
        "count_insufficient",
        "Not enough computers have asked yet",
        "The host has counted fewer different computers than this product needs; this computer is counted.",
        "Nothing: the product works in its grace period, and is activated when enough computers have asked.",
        409,
    ),
    Code(
        "hardware_changed",
        "This is another computer than the one activated",
        "The home was copied from another computer, or the hardware changed too much.",
        "Run `volact client generalize` to make this home a computer of its own, then activate again.",
        409,
    ),
    Code(
        "host_limit_reached",
        "The host key has no place left",
        "The key has set up as many hosts, or this host was activated as often, as the key allows.",
        "Call the activation center: it frees a place or raises the limit.",
        409,
    ),
    Code(
        "host_not_activated",
        "The host is not activated",
        "The host has no host key, or no certificate that is in force.",
        "Run `volact host install-key` and `volact host activate` on the host.",
        409,
    ),
    Code(
        "host_platform_unsupported",
        "This platform may not be a host for that key",
        "The publisher's catalog does not allow this platform, or a virtual machine of it, for the key's products.",
        "Use a host on a platform that the catalog allows; `volact service catalog show` lists them.",
        409,
    ),
    Code(
        "host_unreachable",
        "The activation host does not answer",
        "No connection to the host, or no answer in time.",
        "Check the host's address and that `volact host run` is running; the product keeps working meanwhile.",
        504,
    ),
    Code(
        "host_update_required",
        "The host needs an update first",
        "The platform may serve that key only with an update which this host does not have yet.",
        "Run `volact host update` on the host, then install the key again.",
        409,
    ),
    Code(
        "installation_id_mistyped",
        "The installation ID is mistyped",
        "A group's check digit does not fit its other digits, or the length is wrong.",
        "Read the named groups again.",
        422,
    ),
    Code(
        "internal",
        "A defect of the program",
        "Something happened that its authors did not foresee; nothing was changed.",
        "Report it to the publisher with the time and the log line.",
        500,
    ),
    Code(
        "key_blocked",
        "The key is blocked",
        "The publisher has blocked the key; nothing new is given for it.",
        "Ask the publisher for another key.",
        403,
    ),
    Code(
        "key_mistyped",
        "The key is mistyped",
        "The symbols of the key do not fit together.",
        "Type the named group again, or the whole key where no group is named; nothing was stored.",
        422,
    ),
    Code(
        "key_of_other_publisher",
        "The key belongs to another publisher",
        "The key is typed correctly but was not made by the publisher of this product.",
        "Use a key of this product's publisher; nothing was stored.",
        422,
    ),
    Code(
        "key_unknown",
        "The key is not known",
        "The publisher has no such key, or the request does not prove that the whole key was typed.",
        "Compare the key with the one in the licensing portal and type it again.",
        404,
    ),
    Code(
        "key_wrong_kind",
        "The key is of another kind",
        "That kind of key does something else: a host key sets up a host, a multiple activation key a computer.",
        "Use a key of the kind that is asked for.",
        409,
    ),
    Code(
        "key_wrong_product",
        "The key is for another product",
        "The key's product group does not hold this product.",
        "Use the key of the product's own group; the licensing portal shows it.",
        409,
    ),
    Code(
        "kind_not_offered",
        "That kind of key is not offered",
        "The publisher's catalog does not offer that kind of key for the product.",
        "Use a kind that `volact service catalog show` lists for the product.",
        409,
    ),
    Code(
        "lease_expired",
        "The lease has run out",
        "The lease could not be renewed before its end.",
        "Reach the activation host; the product works in its grace period meanwhile.",
        409,
    ),
    Code(
        "mak_exhausted",
        "The key has no activations left",
        "Every activation that the key allows has been taken.",
        "Ask the activation center to raise the number, or use an activation host.",
        409,
    ),
    Code(
        "method_not_allowed",
        "That method is not offered here",
        "The address exists, but not for this HTTP method.",
        "Use the method that the `allow` header names.",
        405,
    ),
    Code(
        "not_found",
        "Nothing is at that address",
        "No document or page has that path.",
        "Check the address; `/.well-known/volact` names what is offered.",
        404,
    ),
    Code(
        "not_member_of_directory",
        "The computer is not a member of the directory",
        "Activation by the directory works for its members only.",
        "Join the domain, or use a host or a key.",
        409,
    ),
    Code(
        "not_ready",
        "The database is away",
        "The program cannot use its database at the moment; nothing was lost.",
        "Try again in a moment; the operator finds the reason in the program's log.",
        503,
    ),
    Code(
        "port_in_use",
        "The port is taken",
        "Another program listens on that address and port.",
        "Stop the other program, or choose another port with --bind.",
        409,
    ),
    Code(
        "product_not_served",
        "The host does not serve that product",
        "None of the host's keys activates the product.",
        "Install a host key on the host that serves the product, or use a multiple activation key.",
        409,
    ),
    Code(
        "proof_required",
        "The act needs caller, proof and reason",
        "An act of the activation center is recorded with who called, what was shown as proof, and why.",
        "Give all three.",
        422,
    ),
    Code(
        "replayed",
        "The request's number was used before",
        "A request with that number and another content has been answered already.",
        "Make a new request; repeating the first one byte for byte gives its answer again.",
        409,
    ),
    Code(
        "request_malformed",
        "The request cannot be read",
        "The bytes are not a request in the form of the specification, or were altered on the way.",
        "Make the request again with an unchanged client; nothing was counted.",
        400,
    ),
    Code(
        "request_too_large",
        "The request is too large",
        "A request body may hold 64 KiB.",
        "Send single requests, or the pages of a bundle.",
        413,
    ),
    Code(
        "root_threshold",
        "Too few root keys",
        "A new root version needs a threshold of the old and of the new root keys to sign it.",
        "Bring the folder that holds enough of the root keys, and their passphrase.",
        409,
    ),
    Code(
        "root_untrusted",
        "The root does not follow from the pin",
        "The publisher's root, catalog or list is not reached from the compiled-in pin, or is an older one.",
        "Get the publisher file from the publisher again; nothing was changed.",
        409,
    ),
    Code(
        "service_unreachable",
        "The activation service does not answer",
        "No connection to the publisher's service, or no answer in time.",
        "Check the network and proxy settings; use a request file where there is no network.",
        504,
    ),
    Code(
        "signing_clock",
        "The signing clock is in doubt",
        "The clock is earlier than what was signed last, or jumped while the service was running.",
        "Set the clock right; if the time signed last was wrong, run `volact service clock confirm`.",
        503,
    ),
    Code(
        "state_damaged",
        "A file of the program is damaged",
        "A file or database was cut short or changed by something else.",
        "Restore it from a backup, or make it anew; the message names it.",
        409,
    ),
    Code(
        "storage_full",
        "The disk is full",
        "What must be on record before the answer could not be written.",
        "Free space; then the same request gets its answer.",
        503,
    ),
    Code(
        "too_many_requests",
        "Too many requests",
        "This activation, or this address, asked more often than the catalog allows.",
        "Wait as long as the answer says; repeating the last request byte for byte is always answered.",
        429,
    ),
    Code(
        "units_required",
        "No license of that product was purchased",
        "The agreement gives keys only for what was purchased under it.",
        "Purchase at least one license, or use the Licensing ID that holds it.",
        409,
    ),
    Code(
        "unknown_activation",
        "No such activation",
        "The publisher's record has no activation with that id.",
        "Compare the id with the one that `key show` lists.",
        404,
    ),
    Code(
        "unknown_agreement",
        "No such Licensing ID",
        "The publisher's record has no agreement under that Licensing ID.",
        "Compare the Licensing ID with the organization's summary.",
        404,
    ),
    Code(
        "unknown_code",
        "A code that this version does not know",
        "A newer program answered with a code of its own.",
        "Read its detail; updating this program brings the explanation.",
        500,
    ),
    Code(
        "unknown_organization",
        "No such organization",
        "The publisher's record has no organization with that id.",
        "Add the organization first, or compare the id.",
        404,
    ),
    Code(
        "unknown_product",
        "No such product",
        "The catalog has no product with that id.",
        "Use an id that `volact service catalog show` lists.",
        404,
    ),
    Code(
        "unknown_program",
        "No such program",
        "The catalog has no licensing program with that id.",
        "Use an id that `volact service catalog show` lists.",
        404,
    ),
    Code(
        "usage",
        "The command was not understood",
        "An argument is missing, unknown, or does not fit.",
        "See the command's --help.",
        400,
    ),
    Code(
        "wrong_channel",
        "The key belongs to another channel",
        "Volume keys serve volume editions only, retail keys retail installations only.",
        "Install the volume edition, or use the key that came with this installation.",
        409,
    ),
)
