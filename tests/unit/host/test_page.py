"""The status page: what it says first, and that it shows what computers say of themselves as text."""

from __future__ import annotations

from dataclasses import replace

from tests.support.publisher import DAY, NOW, Publisher
from volact.errors import Refusal
from volact.host.overview import CertificateEnd, GroupCount, Overview, Threshold
from volact.host.page import StatusPage, lead
from volact.host.records import Computer
from volact.web import words
from volact.web.pages import asset, coded

CLIENTS = Threshold("windows-7", "Windows 7", 25, met=False)
SERVERS = Threshold("windows-server-2008-r2-b", "Windows Server 2008 R2", 5, met=True)
SEEN = Overview(
    publisher="Acme Engineering",
    activated=True,
    organization="Nordlys Energi",
    product_groups=("windows-7",),
    counts=(GroupCount("windows", "Servers and clients", 23, (SERVERS, CLIENTS)),),
    clones=0,
    certificates=(CertificateEnd("windows-7", NOW + 90 * DAY),),
    warnings=(),
    today={"activated": 12, "renewed": 208, "count_insufficient": 31, "replayed": 2},
    window_days=30,
    now=NOW,
)


def page(seen: Overview, *computers: Computer) -> str:
    """The page as text."""
    catalog = Publisher.of().catalog
    return StatusPage("act-oslo").render(seen, catalog, computers=computers, known=len(computers)).decode()


def test_what_is_missing_comes_first() -> None:
    """The page says first what needs the person, with a number, or that there is nothing to do."""
    assert lead(SEEN).startswith("2\u00a0more computers until Windows 7 is activated.")
    met = replace(SEEN, counts=(GroupCount("windows", "Servers and clients", 25, (SERVERS,)),))
    assert lead(met).startswith("Nothing to do")
    assert "certificate ends on" in lead(replace(met, certificates=(CertificateEnd("windows-7", NOW + 9 * DAY),)))
    phone = CertificateEnd("windows-7", NOW + 90 * DAY, by_telephone=True)
    assert "renewed by telephone" in lead(replace(met, certificates=(phone,)))
    assert "activation center" in lead(replace(met, certificates=(replace(phone, expires=NOW + 9 * DAY),)))
    assert lead(replace(SEEN, activated=False)).startswith("This host gives no leases")


def test_counts_are_shown_as_text_too() -> None:
    """A meter tells its count and thresholds as text for a reader, and today's answers are told by kind."""
    shown = page(SEEN)
    assert 'aria-label="23 counted; thresholds 5 and 25"' in shown
    for text in ("5 ✓", ">12<", ">208<", "count too low", "for other reasons", "will be listed here"):
        assert text in shown


def test_computers_are_shown_as_text() -> None:
    """Whatever a computer calls itself is shown as text, its state by shape and word."""
    evil = Computer("A" * 15, '<img src=x onerror="x">', ("windows-7-professional", "gone"), False, NOW, NOW, NOW + DAY)
    shown = page(SEEN, evil, replace(evil, hint="", lease_expires=None), replace(evil, lease_expires=NOW))
    assert "<img" not in shown
    assert "&lt;img src=x" in shown
    assert "Windows 7 Professional, gone" in shown
    assert "A" * 15 in shown
    assert [shown.count(f"</span>{word}<") for word in ("Licensed", "Asked", "Lease ended")] == [1, 1, 1]


def test_warnings_stand_beside_their_fix() -> None:
    """A warning is shown with what mends it, commands set as code."""
    shown = page(replace(SEEN, warnings=(Refusal("clone_detected", "Two copies."),)))
    assert "Another copy was renewed before.</strong> Two copies." in shown
    assert "<code>volact host activate</code>" in shown
    assert coded("<b> `x<y`") == "&lt;b&gt; <code>x&lt;y</code>"


def test_no_asset_comes_from_elsewhere() -> None:
    """Page and style name no other server, and hold no script."""
    found = asset("volact.css")
    assert found is not None
    for text in (page(SEEN), found[0].decode()):
        assert "http" not in text.replace('http-equiv="refresh"', "")
        assert "<script" not in text
    assert asset("pages.py") is None


def test_words_for_times_and_numbers() -> None:
    """Times and numbers are told in one unit, with spaces that do not wrap."""
    assert [words.ago(seconds) for seconds in (-5, 59, 60, 7_200, 86_400, 180_000)] == [
        "just now", "just now", "1\u00a0min\u00a0ago", "2\u00a0h\u00a0ago",
        "1\u00a0day\u00a0ago", "2\u00a0days\u00a0ago",
    ]  # fmt: skip
    assert words.date(NOW) == "15\u00a0January\u00a02027"
    assert (words.count(1, "computer"), words.count(2_041, "computer")) == ("1\u00a0computer", "2,041\u00a0computers")
    assert [words.listed(each) for each in ([], ["A"], ["A", "B", "C"])] == ["", "A", "A, B and C"]
