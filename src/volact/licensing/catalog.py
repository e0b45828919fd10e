"""The catalog's values: what a publisher sells, by which kinds of key, counted how, under which figures.

A catalog is read whole and checked whole (`catalogfile`), so whoever holds one may follow every id in it. Ids are
permanent names; a product group's number is permanent too, because it stands inside printed product keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

KINDS = ("mak", "host", "retail", "oem", "trial", "cal", "setup")
VOLUME_KINDS = ("mak", "host", "generic")
CHANNELS = ("volume", "retail", "oem")
NEEDS = ("activation", "setup", "none")
DECLARED = ("none", "lease", "all")
BINDINGS = ("none", "key")
MEDIA = ("download", "post")
KEYS = ("all", "pool", "purchase")
UNCOUNTED = ("setup", "oem")  # kinds of key that activate offline and take nothing
ACTIVATING = ("mak", "retail", "trial", "cal")  # kinds of key that computers are activated with at the service
DEFAULT_ACTIONS: Mapping[str, str] = {
    "unlicensed": "limit",
    "grace": "allow",
    "licensed": "allow",
    "notification": "warn",
}


class Policy(Struct, frozen=True, kw_only=True):
    """The figures and choices that hold for the whole catalog; their defaults are protocol.md's."""

    grace_days: int = 30
    hardware_grace_days: int = 30
    lapse_grace_days: int = 30
    revoked_grace_days: int = 30
    reminder_days: int = 30
    window_days: int = 30
    lease_days: int = 180
    max_lease_days: int = 180
    renew_minutes: int = 10_080
    retry_minutes: int = 120
    host_slots: int = 6
    host_reactivations: int = 9
    certificate_days: int = 180
    telephone_months: int = 6
    requests_per_day: int = 10
    retirements_per_year: int = 0
    retirement_days: int = 30
    telephone_per_key: int = 200
    telephone_per_caller: int = 100
    telephone_per_channel: int = 2_000
    telephone_per_day: int = 5_000
    declared: str = "none"
    bind: str = "none"
    default_host_platform: str | None = None
    actions: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_ACTIONS))


class Pool(Struct, frozen=True, kw_only=True):
    """A pool of products that some programs give keys for as one."""

    id: str
    name: str


class CountGroup(Struct, frozen=True, kw_only=True):
    """Computers that add to one count on a host."""

    id: str
    name: str


class ProductGroup(Struct, frozen=True, kw_only=True):
    """What one key is for: products that share their keys, their count and their threshold."""

    id: str
    name: str
    number: int
    pool: str
    kinds: tuple[str, ...]
    count_group: str | None = None
    threshold: int | None = None
    host_group: str | None = None
    activates: tuple[str, ...] = ()
    hosts: Mapping[str, str] = {}
    directory: bool = False

    @property
    def host_key_group(self) -> str:
        """The product group of the host key that is given when one is asked for this group."""
        return self.host_group or self.id


class Product(Struct, frozen=True, kw_only=True):
    """One product as it is installed: its group, the kinds of key offered for it, how it is sold and delivered.

    `rule` is what the publisher calls the rule that these facts come from; advice cites it.
    """

    id: str
    name: str
    group: str
    kinds: tuple[str, ...]
    needs: str = "activation"
    channels: tuple[str, ...] = ("volume",)
    counts_virtual: bool = True
    version: str | None = None
    downgrades: tuple[str, ...] = ()
    client_access: str | None = None
    trial_days: int = 30
    media: str = "download"
    key_on_media: bool = False
    rule: str | None = None
    retired: bool = False


class HostPlatform(Struct, frozen=True, kw_only=True):
    """A system that an activation host can run on."""

    id: str
    name: str
    may_be_virtual: bool = True


class Update(Struct, frozen=True, kw_only=True):
    """What a host has to have before it takes some host keys; it comes with a version of the catalog."""

    id: str
    name: str
    from_version: int


class Band(Struct, frozen=True, kw_only=True):
    """Up to so many licenses, so many activations; `source` says whose figure that is."""

    up_to: int
    activations: int
    source: str | None = None


class Allowance(Struct, frozen=True, kw_only=True):
    """How many activations a multiple activation key of a program gets: fixed, by price level, or by licenses.

    `source` says whose figures these are, where a band does not say otherwise.
    """

    activations: int | None = None
    by_level: Mapping[str, int] = {}
    bands: tuple[Band, ...] = ()
    per_license: int | None = None
    source: str | None = None


Right = int | Literal["unlimited"]
DEFAULT_RIGHTS: Mapping[str, Right] = {"reimaging": "unlimited", "downgrade": "unlimited"}


class Program(Struct, frozen=True, kw_only=True):
    """A program that an agreement can be made under.

    `keys` says which products it gives keys for: all of them, the pools something was purchased from, or what was
    purchased with its downgrade targets. `shows_keys` is false where the activation center alone gives keys out.
    """

    id: str
    name: str
    allowance: Allowance
    keys: str = "all"
    rights: Mapping[str, Right] = field(default_factory=lambda: dict(DEFAULT_RIGHTS))
    shows_keys: bool = True
    retired: bool = False

    @property
    def right_numbers(self) -> dict[str, int | None]:
        """The rights by name, each with the number of copies, None where no number limits it."""
        return {name: None if right == "unlimited" else right for name, right in self.rights.items()}


class Center(Struct, frozen=True, kw_only=True):
    """An activation center that a person can call."""

    country: str
    number: str
    hours: str
    languages: tuple[str, ...]

    @property
    def as_fields(self) -> dict[str, object]:
        """The center as refusals carry it: country, number, hours and languages."""
        return {
            "country": self.country,
            "number": self.number,
            "hours": self.hours,
            "languages": list(self.languages),
        }


class Catalog(Struct, frozen=True, kw_only=True):
    """Everything that a publisher sells by volume, checked whole; mappings are by id, centers in the file's order."""

    title: str
    policy: Policy
    pools: Mapping[str, Pool]
    count_groups: Mapping[str, CountGroup]
    product_groups: Mapping[str, ProductGroup]
    products: Mapping[str, Product]
    host_platforms: Mapping[str, HostPlatform]
    updates: Mapping[str, Update]
    programs: Mapping[str, Program]
    centers: tuple[Center, ...]

    def group_of(self, product: str) -> ProductGroup:
        """The product group of a product of this catalog; an unknown product is a KeyError."""
        return self.product_groups[self.products[product].group]

    def group_by_number(self, number: int) -> ProductGroup | None:
        """The product group that a product key's number names, or None where this catalog has none."""
        return next((group for group in self.product_groups.values() if group.number == number), None)

    def groups_of_host_key(self, group: str) -> tuple[str, ...]:
        """The product groups that a host key of this group serves, its own first."""
        return (group, *self.product_groups[group].activates)

    def products_of(self, groups: tuple[str, ...]) -> tuple[Product, ...]:
        """The products of these product groups, in the catalog's order."""
        return tuple(product for product in self.products.values() if product.group in groups)

    def center_for(self, country: str | None) -> Center | None:
        """The center to call from a country: its own, else the catalog's first, None where there is none."""
        own = (center for center in self.centers if center.country == country)
        return next(own, self.centers[0] if self.centers else None)
