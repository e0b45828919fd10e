"""Two catalogs by the roles that their entries have in the FAQ's rules: the reference, and a made-up one.

Tests name roles and no ids: what holds in both worlds comes from the catalog's rules and not from a product's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A host platform that can be a host: whether also a virtual computer, and whether after an update."""

    platform: str
    virtual: bool
    update: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One publisher's catalog: ids of what plays a role, and the figures that the catalog gives."""

    name: str
    catalog: Path
    publisher: str

    # Products that are activated. `client_new` is also sold in retail, preinstalled and for a trial; its host key
    # activates `client_old`, which stands in for it, as `oldest` does, which has a setup key only.
    client_new: str
    client_old: str
    client_next: str  # by host key too, and by a directory
    oldest: str
    old_server: str  # a setup key only
    server: str
    office: str
    office_newer: str  # a host for it may be on other platforms
    companion: str  # has the host key of `office`
    groups: dict[str, str]  # product groups of these by product
    client_count: str
    office_count: str
    client_threshold: int
    office_threshold: int

    # Products of a small box: multiple activation keys only, and the boxes before it.
    box: str
    box_addon: str  # takes the multiple activation key of `server`
    box_rule: str
    box_before: str  # its key is on the media; its client access needs nothing
    box_before_access: str
    box_oldest: str  # its client access needs a key
    box_oldest_access: str
    box_old_rule: str

    # A platform that cannot be a host for `client_new` and `office` at once, and those that can.
    platform_old: str
    ways: frozenset[Way]
    ways_newer: frozenset[Way]  # with `office_newer` in place of `office`

    # Programs: keys per pool by level, per purchase by number of licenses, and per purchase from the center alone.
    pooled: str
    pooled_programs: tuple[str, ...]
    pooled_rights: dict[str, int | None]  # beside reimaging and downgrade; None has no end
    levels: dict[str, int]
    purchase: str
    purchase_programs: tuple[str, ...]
    bands: tuple[tuple[int, int, str], ...]  # licenses, activations, whose figure
    band_edit: tuple[str, str, int, int]  # text in the program's table, its replacement, licenses, activations then
    kept_back: str
    kept_back_programs: tuple[str, ...]

    # Figures.
    grace_days: int
    revoked_days: int
    trial_days: int
    host_slots: int
    retirement_days: int
    rollout: tuple[int, int, int]  # computers, what remains, what to ask for

    # Centers: the first, and that of a country.
    center: str
    country: str
    country_center: str

    @property
    def text(self) -> str:
        """The catalog's file."""
        return self.catalog.read_text("utf-8")

    def name_of(self, product: str) -> str:
        """What a product is called."""
        return self._name("products", product)

    def program_name(self, program: str) -> str:
        """What a program is called."""
        return self._name("programs", program)

    def edited(self, table: str, old: str, new: str) -> str:
        """The catalog's file with one text replaced, the first after the header of a table."""
        head, mark, rest = self.text.partition(f"[{table}]\n")
        assert mark, table
        assert old in rest, old
        return head + mark + rest.replace(old, new, 1)

    def added(self, table: str, line: str) -> str:
        """The catalog's file with one more line in a table."""
        return self.edited(table, "", f"{line}\n")

    def _name(self, kind: str, entry: str) -> str:
        found = re.search(rf'^\[{kind}\.{re.escape(entry)}\]\nname = "(.+)"$', self.text, re.MULTILINE)
        assert found, entry
        return found[1]


def _ways(*rows: tuple[str, bool, bool]) -> frozenset[Way]:
    return frozenset(Way(platform=platform, virtual=virtual, update=update) for platform, virtual, update in rows)


REFERENCE = World(
    name="reference",
    catalog=_ROOT / "catalogs" / "reference.toml",
    publisher="acme.example",
    client_new="windows-7-professional",
    client_old="windows-vista-business",
    client_next="windows-8-pro",
    oldest="windows-xp-professional",
    old_server="windows-server-2003",
    server="windows-server-2008-r2-standard",
    office="office-2010",
    office_newer="office-2013",
    companion="project-2010",
    groups={
        "windows-7-professional": "windows-7",
        "windows-vista-business": "windows-vista",
        "windows-8-pro": "windows-8",
        "windows-xp-professional": "windows-xp-professional",
        "windows-server-2008-r2-standard": "windows-server-2008-r2-b",
        "office-2010": "office-2010",
        "sbs-2011-standard": "sbs-2011",
        "sbs-2008-standard": "sbs-2008",
        "sbs-2008-cal": "sbs-2008-cal",
        "sbs-2003-standard": "sbs-2003",
        "sbs-2003-cal": "sbs-2003-cal",
    },
    client_count="windows",
    office_count="office",
    client_threshold=25,
    office_threshold=5,
    box="sbs-2011-standard",
    box_addon="sbs-2011-premium-addon",
    box_rule="F39",
    box_before="sbs-2008-standard",
    box_before_access="sbs-2008-cal",
    box_oldest="sbs-2003-standard",
    box_oldest_access="sbs-2003-cal",
    box_old_rule="F40",
    platform_old="windows-server-2008",
    ways=_ways(
        ("windows-server-2008-r2", True, False),
        ("windows-server-2003", False, True),
        ("windows-7-volume", True, False),
        ("windows-server-2003-v1.1", True, True),
    ),
    ways_newer=_ways(
        ("windows-server-2008-r2", True, False),
        ("windows-7-volume", True, False),
        ("windows-8-volume", True, False),
        ("windows-server-2012", True, False),
    ),
    pooled="enterprise-agreement",
    pooled_programs=(
        "enterprise-agreement", "select-license", "select-plus", "campus-agreement", "school-agreement", "spla",
    ),
    pooled_rights={"evaluation": None, "training": 20, "backup": 1},
    levels={"A": 50, "B": 100, "C": 250, "D": 500},
    purchase="open-license",
    purchase_programs=("open-license", "open-value", "isv-royalty", "high-volume-messaging"),
    bands=((1, 50, "FAQ"), (25, 50, "FAQ"), (26, 52, "ours"), (100, 200, "ours")),
    band_edit=("activations = 50", "activations = 60", 25, 60),
    kept_back="isv-royalty",
    kept_back_programs=("isv-royalty", "high-volume-messaging"),
    grace_days=30,
    revoked_days=30,
    trial_days=30,
    host_slots=6,
    retirement_days=30,
    rollout=(120, 87, 33),
    center="+1 202 555 0142",
    country="FR",
    country_center="+33 1 99 00 47 11",
)  # fmt: skip

MEDORA = World(
    name="medora",
    catalog=Path(__file__).with_name("medora.toml"),
    publisher="medora.example",
    client_new="viewer-7-standard",
    client_old="viewer-6-standard",
    client_next="viewer-8-standard",
    oldest="viewer-4-standard",
    old_server="analyser-server-2",
    server="analyser-server-5",
    office="records-3",
    office_newer="records-4",
    companion="dictation-3",
    groups={
        "viewer-7-standard": "viewer-7",
        "viewer-6-standard": "viewer-6",
        "viewer-8-standard": "viewer-8",
        "viewer-4-standard": "viewer-4",
        "analyser-server-5": "analyser-server-5",
        "records-3": "records-3",
        "practice-box-4": "practice-box-4",
        "practice-box-3": "practice-box-3",
        "practice-seats-3": "practice-seats-3",
        "practice-box-2": "practice-box-2",
        "practice-seats-2": "practice-seats-2",
    },
    client_count="stations",
    office_count="desks",
    client_threshold=12,
    office_threshold=4,
    box="practice-box-4",
    box_addon="practice-box-4-laboratory",
    box_rule="leaflet P4",
    box_before="practice-box-3",
    box_before_access="practice-seats-3",
    box_oldest="practice-box-2",
    box_oldest_access="practice-seats-2",
    box_old_rule="leaflet P3",
    platform_old="ward-os-4",
    ways=_ways(
        ("ward-os-3", False, True),
        ("ward-os-3.1", True, True),
        ("lab-box-1", False, False),
        ("ward-os-5", True, False),
    ),
    ways_newer=_ways(("ward-os-5", True, False), ("ward-os-6", True, False)),
    pooled="hospital-framework",
    pooled_programs=("hospital-framework", "region-framework"),
    pooled_rights={"evaluation": None, "training": 12, "backup": 2},
    levels={"A": 30, "B": 80, "C": 200, "D": 900},
    purchase="clinic-purchase",
    purchase_programs=("clinic-purchase", "device-maker"),
    bands=((1, 20, "price list"), (10, 20, "price list"), (11, 90, "Medora"), (41, 123, "Medora")),
    band_edit=("activations = 90", "activations = 75", 40, 75),
    kept_back="device-maker",
    kept_back_programs=("device-maker",),
    grace_days=20,
    revoked_days=15,
    trial_days=12,
    host_slots=3,
    retirement_days=15,
    rollout=(90, 41, 49),
    center="+49 30 23125 042",
    country="NO",
    country_center="+47 55 50 02 42",
)

WORLDS = (REFERENCE, MEDORA)
