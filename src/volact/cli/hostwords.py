"""How `volact host` says what it knows: as data, and in words."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

from volact.cli.ui import Ui, ago, date, time
from volact.host.overview import GroupCount, Overview
from volact.host.records import Computer
from volact.host.upstream import Step

_GIVEN = ("activated", "renewed", "repeated")


def status_data(seen: Overview) -> dict[str, Any]:
    """What `host status --json` gives."""
    return {
        "activated": seen.activated,
        "organization": seen.organization,
        "product_groups": list(seen.product_groups),
        "counts": [
            {
                "count_group": group.count_group,
                "count": group.count,
                "thresholds": [
                    {"product_group": need.product_group, "threshold": need.threshold, "met": need.met}
                    for need in group.thresholds
                ],
            }
            for group in seen.counts
        ],
        "clones": seen.clones,
        "certificates": [
            {
                "product_group": each.product_group,
                "expires": time(each.expires),
                "host_id": each.host_id,
                "by_telephone": each.by_telephone,
            }
            for each in seen.certificates
        ],
    }


def show_status(ui: Ui, seen: Overview) -> None:
    """What `host status` writes."""
    ends = min((each.expires for each in seen.certificates), default=None)
    until = f", certificate until {date(ends)}" if ends is not None else ""
    if seen.activated:
        how = f"for {seen.organization}" if seen.organization else "by telephone"
        ui.line(f"{socket.gethostname()}   ● activated {how}{until}")
    else:
        ui.line(f"{socket.gethostname()}   ! not activated")
    width = max((len(group.name) for group in seen.counts), default=0)
    for group in seen.counts:
        ui.line(f"  {group.name:<{width}}   {_counted(group, seen.window_days)}")
    ui.line(f"  answers today   {_today(seen)}")


def show_computers(ui: Ui, computers: Sequence[Computer], *, now: int) -> None:
    """What `host computers` writes."""
    if not computers:
        ui.line("No computer has asked yet. `volact client set-host` lets one ask.")
        return
    ui.table(
        ("computer", "device", "products", "last seen", "lease ends"),
        (
            (
                each.hint or "–",
                each.dev,
                ", ".join(each.products) + (" (virtual)" if each.virtual else ""),
                ago(now - each.last_seen),
                "–" if each.lease_expires is None else date(each.lease_expires),
            )
            for each in computers
        ),
    )


def steps_data(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The certificates that an activation brought."""
    return [
        {
            "keyid": step.key.keyid,
            "product_group": step.certificate.group,
            "host_id": step.certificate.host,
            "renewed": step.renews,
            "expires": time(step.certificate.exp),
        }
        for step in steps
        if step.certificate is not None
    ]


def step_line(step: Step) -> str:
    """One activated key in words."""
    said = step.certificate
    if said is None:
        return f"{step.key.first_group}-...: {step.refusal.detail if step.refusal else 'no answer'}"
    word, whose = "renewed" if step.renews else "activated", said.organization
    named = f" for {whose.name}" if whose else " by telephone"
    return f"{step.key.first_group}-...: {word}{named}, certificate until {date(said.exp)}"


def _counted(group: GroupCount, window_days: int) -> str:
    needs: dict[int, bool] = {need.threshold: need.met for need in group.thresholds}
    parts = [f"✓ {need}" if met else f"✗ {need} ({need - group.count} more)" for need, met in sorted(needs.items())]
    computers = "1 computer" if group.count == 1 else f"{group.count} different computers"
    return f"{computers} in {window_days} days   {'   '.join(parts)}"


def _today(seen: Overview) -> str:
    low = seen.today.get("count_insufficient", 0)
    others = sum(number for what, number in seen.today.items() if what not in (*_GIVEN, "count_insufficient"))
    parts = [
        f"{seen.today.get('activated', 0)} activated",
        f"{seen.today.get('renewed', 0)} renewed",
        f"{low} refused (count)",
    ]
    parts += [f"{others} refused (other)"] if others else []
    return ", ".join([*parts, f"{seen.clones} clones"])
