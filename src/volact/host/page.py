"""The status page: what the overview says, in the order in which a person needs it; no script, no foreign asset."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from volact.host.overview import SOON, GroupCount, Overview
from volact.host.records import Computer
from volact.licensing.catalog import Catalog
from volact.web import words
from volact.web.pages import Pages

SHOWN = 200  # computers on the page; the command lists all
_FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Pill:
    """A state by shape, word and color."""

    kind: str
    mark: str
    word: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A threshold on a meter, at a percentage of its length."""

    at: float
    text: str
    anchor: str


ACTIVATED, NOT_ACTIVATED = Pill("ok", "●", "Activated"), Pill("bad", "!", "Not activated")
LICENSED, ENDED, ASKED = Pill("ok", "●", "Licensed"), Pill("warn", "▲", "Lease ended"), Pill("idle", "○", "Asked")


class StatusPage:
    """Renders the status page of a host."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pages = Pages(_FOLDER)

    def render(self, seen: Overview, catalog: Catalog, *, computers: tuple[Computer, ...], known: int) -> bytes:
        """The page as of the overview's time."""
        host = {
            "name": self._name,
            "publisher": seen.publisher,
            "state": ACTIVATED if seen.activated else NOT_ACTIVATED,
            "about": _about(seen),
            "lead": lead(seen),
            "notes": [{"title": w.known.title, "detail": w.detail, "fix": w.known.fix} for w in seen.warnings],
            "window_days": seen.window_days,
            "counts": [_card(each) for each in seen.counts],
            "today": _today(seen),
            "computers": [_computer(each, catalog, now=seen.now) for each in computers],
            "known": known,
        }
        return self._pages.render("host.html", host=host)


_REACH = "Let this host reach the publisher's service, or renew it by file."
_CALL = "Read its installation ID out to the activation center: nothing else renews it."


def lead(seen: Overview) -> str:
    """What needs the person first, in one sentence; or that nothing does."""
    if not seen.activated:
        return "This host gives no leases: install a host key and activate it. Leases given before run on to their end."
    soonest = min((each.expires for each in seen.certificates), default=seen.now)
    if soonest - seen.now < SOON:
        return (
            f"The certificate ends on {words.date(soonest)} and was not renewed yet; until then nobody is affected. "
            + (_CALL if any(each.by_telephone for each in seen.certificates) else _REACH)
        )
    waiting = [
        (need.threshold - group.count, group) for group in seen.counts for need in group.thresholds if not need.met
    ]
    if waiting:
        fewest, group = min(waiting, key=lambda each: each[0])
        verb, names = _waiting(group, fewest + group.count)
        more = words.count(fewest, "more computer")
        return f"{more} until {names} {verb} activated. Computers that wait go on working and ask again by themselves."
    if any(each.by_telephone for each in seen.certificates):
        return "Nothing to do: every count is met. The certificate is renewed by telephone before it ends."
    return "Nothing to do: every count is met, and the certificate is renewed by itself."


def _about(seen: Overview) -> str:
    ends = [each.expires for each in seen.certificates]
    by_phone = any(each.by_telephone for each in seen.certificates)
    parts = [seen.organization or ("activated by telephone" if by_phone else "no organization yet")]
    if ends:
        word = "until" if min(ends) > seen.now else "ended on"
        parts.append(f"certificate {word} {words.date(min(ends))}")
    return " · ".join(parts)


def _card(group: GroupCount) -> dict[str, object]:
    needs = sorted({need.threshold for need in group.thresholds})
    scale = max(needs[-1] * 1.25, 1) if group.count <= needs[-1] * 1.25 else group.count
    ticks = [_tick(need, group.count, scale=scale) for need in needs]
    return {
        "name": group.name,
        "count": group.count,
        "fill": min(100.0, 100 * group.count / scale),
        "ticks": ticks,
        "text": f"{group.count} counted; thresholds {words.listed([str(need) for need in needs])}",
        "sentence": _sentence(group),
    }


def _tick(need: int, count: int, *, scale: float) -> Tick:
    at = 100 * need / scale
    anchor = "start" if at < 12 else "end" if at > 92 else "middle"
    return Tick(round(at, 2), f"{need} ✓" if count >= need else str(need), anchor)


def _sentence(group: GroupCount) -> str:
    needs = [need.threshold for need in group.thresholds if not need.met]
    if not needs:
        return "Met for everything that this host serves."
    verb, names = _waiting(group, min(needs))
    return f"{words.count(min(needs) - group.count, 'more computer')}, and {names} {verb} activated."


def _waiting(group: GroupCount, threshold: int) -> tuple[str, str]:
    """Whose threshold that is, with the verb that fits."""
    names = [need.name for need in group.thresholds if need.threshold == threshold]
    shown = names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} others"]
    return ("is" if len(names) == 1 else "are"), words.listed(shown)


def _today(seen: Overview) -> list[dict[str, object]]:
    given = ("activated", "renewed", "repeated")
    low = seen.today.get("count_insufficient", 0)
    others = sum(number for what, number in seen.today.items() if what not in (*given, "count_insufficient"))
    rows: list[dict[str, object]] = [
        {"word": "Activated", "number": seen.today.get("activated", 0), "why": ""},
        {"word": "Renewed", "number": seen.today.get("renewed", 0), "why": ""},
        {"word": "Refused", "number": low, "why": "count too low"},
    ]
    rows += [{"word": "", "number": others, "why": "for other reasons"}] if others else []
    return [*rows, {"word": "Clones", "number": seen.clones, "why": ""}]


def _computer(computer: Computer, catalog: Catalog, *, now: int) -> dict[str, object]:
    ends = computer.lease_expires
    names = [catalog.products[each].name if each in catalog.products else each for each in computer.products]
    return {
        "name": computer.hint or computer.dev,
        "products": ", ".join(names),
        "state": ASKED if ends is None else LICENSED if ends > now else ENDED,
        "seen": words.ago(now - computer.last_seen),
        "ends": "–" if ends is None else words.date(ends),
    }
