"""What cases are called on pages: what was asked for, how it stands, what was done."""

from __future__ import annotations

import json

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from volact.service.ledger.cases import CaseRow
from volact.service.ledger.rows import AuditRow
from volact.service.pages import deeds, words


def title(row: CaseRow) -> str:
    """What a case is about, in a few words."""
    if row.kind == "raise" and row.wanted:
        return ngettext("%(num)s more activation", "%(num)s more activations", row.wanted) % {"num": row.wanted}
    return asked_for(row.kind)


def asked_for(kind: str) -> str:
    """What a kind of case is called."""
    return {
        "menu": _("Caller of the telephone menu"),
        "desk": _("Caller"),
        "raise": _("More activations of a key"),
        "host": _("A place for one more host"),
        "setup": _("A setup key"),
        "lost": _("A computer or a host that was lost"),
    }.get(kind, _("Something else"))


def standing(value: str) -> tuple[str, str]:
    """The kind of pill and the word for how a case stands."""
    return {
        "open": ("warn", _("Waits")),
        "taken": ("warn", _("In hand")),
        "done": ("ok", _("Done")),
        "refused": ("bad", _("Refused")),
    }.get(value, ("idle", _("Taken back")))


def deed(row: AuditRow) -> str:
    """What an entry of the audit says was done, with its numbers."""
    said = json.loads(row.detail)
    done = {
        "activated": _("Confirmation made, one activation taken"),
        "activation retired": _("An activation given back"),
        "allowance raised": _("Activations raised from %(before)s to %(after)s"),
        "blocked": _("Key blocked"),
        "caller noted": _("Caller and proof of purchase noted"),
        "case closed": _("Case closed"),
        "case handed back": _("Case put back into the queue"),
        "case opened": _("Case opened"),
        "case taken": _("Case taken over"),
        "delivered by telephone": _("Setup key given out"),
        "given out by the activation center": _("Key given out"),
        "host revoked": _("A host revoked"),
        "host slot freed": _("A host's place freed"),
        "issued": _("New key issued"),
        "keys issued": _("Recorded under the agreement: a new key"),
        "revoked": _("Key revoked, with what it gave"),
    }.get(row.act) or deeds.act(row.act)
    return done % {"before": said.get("from", ""), "after": said.get("to", "")} if "%(" in done else done


def because(row: AuditRow) -> str:
    """Who did it, and why where that was said."""
    why = json.loads(row.detail).get("why")
    return f"{words.called(row.who)} · {why}" if why else words.called(row.who)
