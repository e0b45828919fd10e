"""`volact service`: the publisher's side, one file for the verbs of one subject, loaded when a verb of it is called."""

from __future__ import annotations

import nacl.signing  # noqa: F401 - of the extra `service`: where it is missing, `volact` says which extra is needed
import typer

from volact.cli.lazy import lazy_group

VERBS = {
    "init": (f"{__name__}.init", "A new publisher: root keys, signing keys, database."),
    "run": (f"{__name__}.run", "Device API and management API, until they are stopped."),
    "publisher-file": (f"{__name__}.publisherfile", "The file that products and hosts start from."),
    "root": (f"{__name__}.root", "The chain of trust."),
    "catalog": (f"{__name__}.catalog", "What is sold by volume."),
    "organization": (f"{__name__}.organization", "Customers and their affiliates."),
    "agreement": (f"{__name__}.agreement", "What customers agreed on."),
    "summary": (f"{__name__}.summary", "An organization's Licensing IDs."),
    "key": (f"{__name__}.key", "Product keys."),
    "center": (f"{__name__}.center", "What the activation center does for a caller."),
    "media": (f"{__name__}.media", "What lies on a product's media, or beside its download."),
    "activation": (f"{__name__}.activation", "Activations of retired computers."),
    "allowance": (f"{__name__}.allowance", "How many activations a key gets, and why."),
    "rollout-check": (f"{__name__}.rolloutcheck", "Whether a key suffices for a number of computers."),
    "administrator": (f"{__name__}.administrator", "The first person in the back office."),
    "sign-on": (f"{__name__}.signon", "Members sign in by their organization's own sign-on."),
    "token": (f"{__name__}.token", "Tokens of the management API."),
    "import": (f"{__name__}.importing", "A sheet of products, agreements, purchases or keys onto record."),
    "export": (f"{__name__}.exporting", "What is on record as a sheet."),
    "answer": (f"{__name__}.answer", "The answer to a request that came as a file."),
    "telephone": (f"{__name__}.telephone", "The automatic menu that activates computers by telephone."),
    "webhook": (f"{__name__}.webhook", "Who is told what happens, and whether it arrived."),
    "denials": (f"{__name__}.denials", "Who was refused, how often, and why."),
    "audit": (f"{__name__}.auditing", "What was done, and whether the record still says so."),
    "backup": (f"{__name__}.backup", "The ledger into one file, while the service runs."),
    "restore": (f"{__name__}.restore", "The ledger of a backup into its place."),
    "advise": (f"{__name__}.advise", "Which keys a customer may use, and why."),
    "clock": (f"{__name__}.clock", "The clock that signatures are dated by."),
}


app = typer.Typer(
    cls=lazy_group(VERBS),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="The publisher's side: keys, agreements, activations.",
)


@app.callback()
def service() -> None:
    """The publisher's side: keys, agreements, activations."""
