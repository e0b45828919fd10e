"""Codes of an operator's own desk: folders, root keys and passphrases, the tree of organizations."""

from __future__ import annotations

from volact.errors.code import Code

OPERATING = (
    Code(
        "already_initialized",
        "Something is in that folder already",
        "A new service, host or home starts in a folder that does not exist or is empty.",
        "Name another folder; what is there was left as it is.",
        409,
    ),
    Code(
        "case_closed",
        "The case is closed",
        "Somebody closed the case; what was done about it stands with its reason.",
        "Look it up with `volact service center cases DIR --all`; whoever calls again has a case of their own.",
        409,
    ),
    Code(
        "case_taken",
        "Somebody else has the case",
        "Another person took the case over before.",
        "Take another one, or ask whoever has it to close it.",
        409,
    ),
    Code(
        "extra_missing",
        "A part of Volact is not installed here",
        "What was asked for needs a library that comes with an extra of the package.",
        "Install the extra that is named, and do the same again; nothing was changed.",
        501,
    ),
    Code(
        "folder_in_use",
        "Another program works in that folder",
        "A running service, or another command, has the folder's database open.",
        "Stop the service and wait for its commands, then try again; nothing was changed.",
        409,
    ),
    Code(
        "not_initialized",
        "Nothing was initialized there",
        "The folder does not exist, or holds nothing of this program.",
        "Name the folder that `init` made, or run `init` first.",
        404,
    ),
    Code(
        "not_permitted",
        "The folder may not be used",
        "The user that runs the program may not read or write there.",
        "Run the command as the folder's owner, or set its rights.",
        409,
    ),
    Code(
        "organization_cycle",
        "An organization cannot be above itself",
        "The parent named is the organization itself or one of its affiliates.",
        "Name a parent outside of the organization's own affiliates.",
        409,
    ),
    Code(
        "passphrase_beside_keys",
        "The passphrase lies beside the root keys",
        "No passphrase was given, so one was drawn and written beside the keys that it protects.",
        "Keep the passphrase file apart from the keys, and both offline.",
        409,
    ),
    Code(
        "passphrase_wrong",
        "The passphrase does not open the keys",
        "The root keys were exported under another passphrase, or their files were changed.",
        "Give the passphrase of that export with --passphrase-file; nothing was changed.",
        409,
    ),
    Code(
        "root_keys_online",
        "The root keys lie in the service's folder",
        "Whoever takes over the service could take over the publisher's chain of trust.",
        "Move the folder root-keys to a place offline; the service never needs it.",
        409,
    ),
    Code(
        "root_behind",
        "The root on record is not the newest one",
        "The vault has signing keys that the root does not list: most likely a root was signed after the backup.",
        "Restore again with --roots and a publisher file that has that root, before any `volact service root rotate`.",
        409,
    ),
    Code(
        "unknown_case",
        "No such case",
        "The record has no case of that number: it was mistyped, or closed more than 90 days ago.",
        "Take the number from `volact service center cases`.",
        404,
    ),
    Code(
        "unknown_entry",
        "No such entry",
        "The audit has no entry with that number.",
        "Find the number with `volact service audit list`; nothing was changed.",
        404,
    ),
    Code(
        "unknown_delivery",
        "No such delivery",
        "No event of that id is on record for that webhook: it was not told of it, or it is more than 30 days ago.",
        "Take the event's id from `volact service webhook deliveries`.",
        404,
    ),
    Code(
        "unknown_signing_key",
        "No such signing key",
        "The publisher's root lists no key with that thumbprint.",
        "Compare the thumbprint with the keys of the root; nothing was changed.",
        404,
    ),
    Code(
        "unknown_webhook",
        "No such webhook",
        "No webhook has that id: it was removed, or mistyped.",
        "Take the id from `volact service webhook list`.",
        404,
    ),
    Code(
        "webhook_target_refused",
        "Webhooks may not go there",
        "The URL can be read in two ways, or leads to plain http, another port, or an internal address.",
        "Give an https URL on port 443 of a public address, or name the target with `service run --webhook-allow`.",
        422,
    ),
)
