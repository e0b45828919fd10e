"""How licenses are shown: JSON rows and lines for people, by shape and word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from volact.cli.ui import Ui, ago, date, time
from volact.client.agent import Done
from volact.client.computer import wall_clock
from volact.client.logwatch import LogView
from volact.client.overview import View
from volact.client.records import Attempt
from volact.client.status import Method, Reason, State, Status
from volact.errors import CODES, sentence

SHAPES = {State.LICENSED: "●", State.GRACE: "▲", State.NOTIFICATION: "!", State.UNLICENSED: "○"}
REASONS = {
    Reason.NOT_ACTIVATED: "It was not activated yet.",
    Reason.NO_KEY: "No key is installed.",
    Reason.HARDWARE_CHANGED: "The license was given to another computer, or this one was changed.",
    Reason.LEASE_EXPIRED: "The lease could not be renewed before its end.",
    Reason.LEFT_DIRECTORY: "The computer left the directory.",
    Reason.REVOKED: "The publisher revoked what licensed it.",
    Reason.ROOT_UNTRUSTED: "The publisher's documents do not follow from the pin.",
    Reason.STATE_DAMAGED: "A file of the home is damaged.",
}

_BY_GRANT = (Method.SETUP, Method.OEM)
_LICENSED = {
    Method.SETUP: "Licensed for {} by the setup key {}, for good and without a network.",
    Method.OEM: "Licensed for {} by the key of the preinstalled product, {}, for good and without a network.",
    Method.TRIAL: "On trial for {} by {}.",
}


def show(ui: Ui, views: Sequence[View], *, why: bool = False, log: LogView | None = None) -> None:
    """Shows one row for each product; where `why` asks for it all that stands behind it, and the log that was seen."""
    rows = [_row(view.status) | (_why(view) if why else {}) for view in views]
    seen = {"log": _log(log)} if why else {}
    lines = [line for view in views for line in _lines(view, why=why)]
    ui.result({"products": rows, **seen}, [*lines, *(_log_lines(log) if log else ())])


def _log(log: LogView | None) -> dict[str, Any] | None:
    """The newest checkpoint of the publisher's log; its text is what `volact service audit verify --from` takes."""
    if log is None:
        return None
    fork = log.forked
    forked = {"at": time(fork.at), "detail": fork.detail, "kept": fork.kept, "offered": fork.offered} if fork else None
    said = {"size": log.said.size, "root": log.said.root, "signed_at": time(log.said.iat)}
    return {"checkpoint": log.checkpoint, **said, "forked": forked}


def _log_lines(log: LogView) -> Iterator[str]:
    yield ""
    yield f"The publisher's log was seen last with {log.said.size} entries, signed on {date(log.said.iat)}."
    if log.forked is not None:
        yield f"! Two logs were signed: {log.forked.detail} (seen on {date(log.forked.at)})."


def told(done: Done) -> str:
    """One line of the agent's talk."""
    what = done.product or "the publisher's documents"
    return f"{what}: {done.refusal.detail} [{done.refusal.code}]" if done.refusal else f"{what}: done"


def _row(status: Status) -> dict[str, Any]:
    return {
        "product": status.product,
        "state": status.state,
        "reason": status.reason,
        "method": status.method,
        "days_left": status.days_left,
        "expires": status.expires,
        "source": status.source,
        "action": status.action,
    }


def _why(view: View) -> dict[str, Any]:
    claims = view.known.credential.claims if view.known.credential else None
    organization = claims.organization if claims else None
    following = _next(view)
    return {
        "organization": {"id": organization.id, "name": organization.name} if organization else None,
        "key": {"kind": view.key.kind, "keyid": view.key.keyid, "first_group": view.key.first_group}
        if view.key
        else None,
        "host": view.host,
        "damaged": view.known.damaged,
        "tried": [_tried(each) for each in view.tried.attempts],
        "next": time(following),
    }


def _tried(attempt: Attempt) -> dict[str, Any]:
    told: Mapping[str, Any] = attempt.fields
    own = {"method": attempt.method, "source": attempt.source, "at": time(attempt.at), "code": attempt.code}
    return {**told, **own, "detail": attempt.detail, "rid": attempt.rid}


def _lines(view: View, *, why: bool) -> Iterator[str]:
    status = view.status
    yield f"{view.name}   {SHAPES[status.state]} {_standing(status)}"
    if not why:
        if status.state is not State.LICENSED:
            yield f"  {_because(view)}"
            yield f"  {_advice(view)}"
        return
    yield ""
    yield _because(view)
    for each in view.tried.attempts:
        yield f"  tried   {each.method} {each.source}   {ago(max(wall_clock() - each.at, 0))}   {_outcome(each)}"
        if each.code is not None and each.rid is not None:
            yield f"          request {each.rid}"
    following = _next(view)
    if following is not None:
        yield f"  next    the host is asked {_moment(following)}"
    yield _advice(view)


def _moment(seconds: int) -> str:
    """When the agent asks again: on the computer's own clock, and with its next turn where that is past."""
    if seconds <= wall_clock():
        return "with the agent's next turn"
    at, today = datetime.fromtimestamp(seconds).astimezone(), datetime.now().astimezone()
    return f"again at {at:%H:%M}" if at.date() == today.date() else f"again on {at.day} {at:%B at %H:%M}"


def _day(written: str) -> str:
    return date(int(datetime.fromisoformat(written).timestamp()))


def _standing(status: Status) -> str:
    until = f"   (until {_day(status.expires)})" if status.expires is not None else ""
    left = "" if status.days_left is None else f", {_days(status.days_left)} left"
    method = f" by {status.source}" if status.source and status.state is State.LICENSED else ""
    if status.state is State.LICENSED:
        return f"licensed{method}{left}{until}"
    if status.state is State.GRACE:
        return f"grace{left}{until}"
    return str(status.state)


def _because(view: View) -> str:
    reason, credential = view.status.reason, view.known.credential
    if reason is Reason.STATE_DAMAGED and view.known.damaged:
        return sentence(f"a file of the home is damaged: {view.known.damaged}")
    if credential is not None and credential.license.expires is not None and _is_ended_trial(view):
        return f"The trial ended on {date(credential.license.expires)}."
    if reason is not None:
        last = view.tried.attempts[0] if view.tried.attempts else None
        told = last.detail if last and reason is Reason.NOT_ACTIVATED else ""
        return sentence(told) if told else REASONS[reason]
    if credential is None:
        return "It needs no activation."
    organization = credential.claims.organization if credential.claims else None
    owner = organization.name if organization else "its owner"
    return _LICENSED.get(credential.license.method, "Licensed for {} by {}.").format(owner, credential.source)


def _advice(view: View) -> str:
    status = view.status
    if status.state is State.LICENSED:
        is_trial = status.method is Method.TRIAL
        return "Buy a license and install its key before the trial ends." if is_trial else "Nothing to do."
    own = _own_way(view)
    if own is not None:
        return CODES[own].fix
    last = view.tried.attempts[0] if view.tried.attempts else None
    if last is not None and last.code is not None and last.code in CODES:
        return CODES[last.code].fix
    return "The product works; run `volact client activate`, or install a key with `volact client install-key`."


def _is_ended_trial(view: View) -> bool:
    """Whether the product has no license because the trial of its newest key has ended."""
    reason, credential, key = view.status.reason, view.known.credential, view.key
    is_trial = credential is not None and credential.license.method is Method.TRIAL
    is_newest = credential is not None and key is not None and key.keyid == credential.source
    return reason is Reason.NOT_ACTIVATED and is_trial and is_newest


def _own_way(view: View) -> str | None:
    """The code whose fix is the way out by what the license is, whatever was tried."""
    reason, credential, facts = view.status.reason, view.known.credential, view.known.facts
    method = credential.license.method if credential else None
    if reason is Reason.HARDWARE_CHANGED:
        return "hardware_changed"
    if reason is Reason.REVOKED and method in _BY_GRANT:
        return "key_blocked" if view.is_listed else "grant_required"
    if _is_ended_trial(view):
        return "trial_ended"
    return "grant_required" if reason is Reason.NO_KEY and facts and facts.needs == "setup" else None


def _outcome(attempt: Attempt) -> str:
    if attempt.code is None:
        return "granted"
    count, threshold = attempt.fields.get("count"), attempt.fields.get("threshold")
    return f"{attempt.code} {count} of {threshold}" if count is not None else attempt.code


def _next(view: View) -> int | None:
    asks = view.host is not None and (view.key is None or view.key.keyid is None)
    newest = next((each for each in view.tried.attempts if each.method == "host"), None)
    return newest.next_at if asks and newest else None


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"
