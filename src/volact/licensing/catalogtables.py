"""Each table of the catalog's file into its values; docs/catalog.md describes the same tables for people.

What one table can tell by itself is judged here; what has to agree between tables is `catalogrules`'.
"""

from __future__ import annotations

import re

from volact.licensing.catalog import (
    BINDINGS,
    CHANNELS,
    DECLARED,
    DEFAULT_ACTIONS,
    DEFAULT_RIGHTS,
    KEYS,
    KINDS,
    MEDIA,
    NEEDS,
    Allowance,
    Band,
    Catalog,
    Center,
    CountGroup,
    HostPlatform,
    Policy,
    Pool,
    Product,
    ProductGroup,
    Program,
    Right,
    Update,
)
from volact.licensing.tables import ID, PLATFORM_ID, Table

_ACTIONS = ("allow", "warn", "limit")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LEVEL = re.compile(r"[A-Za-z0-9-]{1,16}")
_MOST = 1_000_000_000
_LAST_NUMBER = 2**18 - 1
_DAYS = 36_500


def read_tables(top: Table) -> Catalog:
    """The catalog as its file says it; where problems were noted, stand-ins take the place of what is wrong."""
    groups = _product_groups(top)
    catalog = Catalog(
        title=top.text("title"),
        policy=_policy(top.table("policy")),
        pools=_pools(top),
        count_groups=_count_groups(top),
        product_groups=groups,
        products=_products(top, groups),
        host_platforms=_host_platforms(top),
        updates=_updates(top),
        programs=_programs(top),
        centers=tuple(_center(table) for table in top.array_of_tables("centers")),
    )
    top.close()
    return catalog


def _policy(table: Table) -> Policy:
    own = Policy()

    def days(name: str, low: int = 1) -> int:
        return table.integer(name, low, high=_DAYS, default=getattr(own, name))

    def by_telephone(name: str) -> int:
        return table.integer(name, 0, high=_MOST, default=getattr(own, name))

    def minutes(name: str) -> int:  # 15 minutes to 30 days: protocol.md, "Figures"
        return table.integer(name, 15, high=43_200, default=getattr(own, name))

    policy = Policy(
        grace_days=days("grace_days", 0),
        hardware_grace_days=days("hardware_grace_days", 0),
        lapse_grace_days=days("lapse_grace_days", 0),
        revoked_grace_days=days("revoked_grace_days", 0),
        reminder_days=days("reminder_days", 0),
        window_days=days("window_days"),
        lease_days=days("lease_days"),
        max_lease_days=days("max_lease_days"),
        renew_minutes=minutes("renew_minutes"),
        retry_minutes=minutes("retry_minutes"),
        host_slots=table.integer("host_slots", 1, high=_MOST, default=own.host_slots),
        host_reactivations=table.integer("host_reactivations", 0, high=_MOST, default=own.host_reactivations),
        certificate_days=days("certificate_days"),
        telephone_months=table.integer("telephone_months", 1, high=12, default=own.telephone_months),
        requests_per_day=table.integer("requests_per_day", 1, high=_MOST, default=own.requests_per_day),
        retirements_per_year=table.integer("retirements_per_year", 0, high=_MOST, default=own.retirements_per_year),
        retirement_days=days("retirement_days", 0),
        telephone_per_key=by_telephone("telephone_per_key"),
        telephone_per_caller=by_telephone("telephone_per_caller"),
        telephone_per_channel=by_telephone("telephone_per_channel"),
        telephone_per_day=by_telephone("telephone_per_day"),
        declared=table.word("declared", DECLARED, default=own.declared),
        bind=table.word("bind", BINDINGS, default=own.bind),
        default_host_platform=table.optional_reference("default_host_platform"),
        actions=_actions(table.table("actions")),
    )
    table.close()
    return policy


def _actions(table: Table) -> dict[str, str]:
    actions = {state: table.word(state, _ACTIONS, default=action) for state, action in DEFAULT_ACTIONS.items()}
    table.close()
    return actions


def _pools(top: Table) -> dict[str, Pool]:
    pools = {}
    for key, table in top.tables("pools"):
        pools[key] = Pool(id=key, name=table.text("name"))
        table.close()
    return pools


def _count_groups(top: Table) -> dict[str, CountGroup]:
    count_groups = {}
    for key, table in top.tables("count_groups"):
        count_groups[key] = CountGroup(id=key, name=table.text("name"))
        table.close()
    return count_groups


def _product_groups(top: Table) -> dict[str, ProductGroup]:
    groups = {}
    for key, table in top.tables("product_groups"):
        groups[key] = ProductGroup(
            id=key,
            name=table.text("name"),
            number=table.integer("number", 0, high=_LAST_NUMBER),
            pool=table.reference("pool"),
            kinds=table.texts("kinds", KINDS),
            count_group=table.optional_reference("count_group"),
            threshold=table.optional_integer("threshold", 1, high=_MOST),
            host_group=table.optional_reference("host_group"),
            # A host key always serves its own group, so an author who lists it says nothing new.
            activates=tuple(group for group in _optional_texts(table, "activates") if group != key),
            hosts=_hosts(table.table("hosts")),
            directory=table.flag("directory", False),
        )
        table.close()
    return groups


def _hosts(table: Table) -> dict[str, str]:
    return {platform: table.reference(platform) for platform in table.names()}


def _products(top: Table, groups: dict[str, ProductGroup]) -> dict[str, Product]:
    products = {}
    for key, table in top.tables("products"):
        group = table.reference("group")
        offered = groups[group].kinds if group in groups else ()
        kinds = table.texts("kinds", KINDS) if table.has("kinds") else offered
        products[key] = Product(
            id=key,
            name=table.text("name"),
            group=group,
            kinds=kinds,
            needs=table.word("needs", NEEDS, default="activation"),
            channels=table.texts("channels", CHANNELS) if table.has("channels") else _channels_of(kinds),
            counts_virtual=table.flag("counts_virtual", True),
            version=_optional_text(table, "version"),
            downgrades=_optional_texts(table, "downgrades"),
            client_access=table.optional_reference("client_access"),
            trial_days=table.integer("trial_days", 1, high=_DAYS, default=30),
            media=table.word("media", MEDIA, default="download"),
            key_on_media=table.flag("key_on_media", False),
            rule=_optional_text(table, "rule"),
            retired=table.flag("retired", False),
        )
        table.close()
    return products


def _channels_of(kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(channel for channel in CHANNELS if channel == "volume" or channel in kinds)


def _host_platforms(top: Table) -> dict[str, HostPlatform]:
    platforms = {}
    for key, table in top.tables("host_platforms", PLATFORM_ID):
        platforms[key] = HostPlatform(
            id=key, name=table.text("name"), may_be_virtual=table.flag("may_be_virtual", True)
        )
        table.close()
    return platforms


def _updates(top: Table) -> dict[str, Update]:
    updates = {}
    for key, table in top.tables("updates"):
        if key in ("yes", "never"):
            top.refuse("updates", f'an update cannot be called "{key}", which means something else in `hosts`')
        updates[key] = Update(
            id=key, name=table.text("name"), from_version=table.integer("from_version", 1, high=_MOST)
        )
        table.close()
    return updates


def _programs(top: Table) -> dict[str, Program]:
    programs = {}
    for key, table in top.tables("programs"):
        programs[key] = Program(
            id=key,
            name=table.text("name"),
            allowance=_allowance(table),
            keys=table.word("keys", KEYS, default="all"),
            rights=_rights(table.table("rights")),
            shows_keys=table.flag("shows_keys", True),
            retired=table.flag("retired", False),
        )
        table.close()
    return programs


def _rights(table: Table) -> dict[str, Right]:
    rights = dict(DEFAULT_RIGHTS)
    for name in table.names():
        if not ID.fullmatch(name):
            table.refuse(name, "a right is called with 1 to 64 of a-z, 0-9 and hyphens")
        rights[name] = table.integer_or(name, "unlimited", high=_MOST)
    return rights


def _allowance(program: Table) -> Allowance:
    table = program.table("allowance")
    levels = table.table("by_level")
    for level in levels.names():
        if not _LEVEL.fullmatch(level):
            levels.refuse(level, "a price level is 1 to 16 letters, digits and hyphens")
    allowance = Allowance(
        activations=table.optional_integer("activations", 0, high=_MOST),
        by_level={level: levels.integer(level, 0, high=_MOST) for level in levels.names()},
        bands=tuple(_band(band) for band in table.array_of_tables("bands")),
        per_license=table.optional_integer("per_license", 0, high=_MOST),
        source=_optional_text(table, "source"),
    )
    table.close()
    _check_allowance(allowance, program=program, table=table)
    return allowance


def _check_allowance(allowance: Allowance, *, program: Table, table: Table) -> None:
    by_licenses = bool(allowance.bands) or allowance.per_license is not None
    if (allowance.activations is not None) + bool(allowance.by_level) + by_licenses > 1:
        program.refuse("allowance", "is `activations`, or `by_level`, or `bands` with `per_license`, and not several")
    if allowance.bands and allowance.per_license is None:
        table.refuse("per_license", "is missing: `bands` end, so what holds above the last one has to be said")
    if any(low.up_to >= high.up_to for low, high in zip(allowance.bands, allowance.bands[1:], strict=False)):
        table.refuse("bands", "must be ordered by `up_to`, each higher than the one before")


def _band(table: Table) -> Band:
    band = Band(
        up_to=table.integer("up_to", 1, high=_MOST),
        activations=table.integer("activations", 0, high=_MOST),
        source=_optional_text(table, "source"),
    )
    table.close()
    return band


def _center(table: Table) -> Center:
    center = Center(
        country=table.text("country"),
        number=table.text("number"),
        hours=table.text("hours"),
        languages=table.texts("languages"),
    )
    if center.country and not _COUNTRY.fullmatch(center.country):
        table.refuse("country", "must be two capital letters (ISO 3166-1), as in NO")
    for index, language in enumerate(center.languages):
        if not _LANGUAGE.fullmatch(language):
            table.refuse("languages", f"[{index}] must be a language tag (BCP 47), as in nb or pt-BR")
    table.close()
    return center


def _optional_text(table: Table, name: str) -> str | None:
    return table.text(name) if table.has(name) else None


def _optional_texts(table: Table, name: str) -> tuple[str, ...]:
    return table.texts(name) if table.has(name) else ()
