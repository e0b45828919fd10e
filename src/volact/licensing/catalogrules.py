"""What has to agree between the tables of one catalog; each rule notes every problem it finds under its path."""

from __future__ import annotations

from collections.abc import Collection

from volact.licensing.catalog import Catalog, Product, ProductGroup
from volact.licensing.tables import Problems, nearest, step


def check_rules(catalog: Catalog, problems: Problems) -> None:
    """Notes every reference that leads nowhere and every pair of tables that contradict each other."""
    _check_present(catalog, problems)
    _check_policy(catalog, problems)
    _check_numbers(catalog, problems)
    for group in catalog.product_groups.values():
        _check_group(catalog, problems, group=group)
    for product in catalog.products.values():
        _check_product(catalog, problems, product=product)


def _check_present(catalog: Catalog, problems: Problems) -> None:
    for name, entries in (
        ("pools", catalog.pools),
        ("product_groups", catalog.product_groups),
        ("products", catalog.products),
    ):
        if not entries:
            problems.add(name, "is missing: a catalog has at least one entry here")


def _check_policy(catalog: Catalog, problems: Problems) -> None:
    policy = catalog.policy
    if policy.lease_days > policy.max_lease_days:
        problems.add("policy.lease_days", f"is {policy.lease_days}, more than max_lease_days ({policy.max_lease_days})")
    if policy.renew_minutes >= policy.lease_days * 1440:
        problems.add("policy.renew_minutes", "is not shorter than a lease, so every lease would run out first")
    if policy.default_host_platform:
        _refer(
            "policy.default_host_platform",
            policy.default_host_platform,
            known=catalog.host_platforms,
            problems=problems,
        )


def _check_numbers(catalog: Catalog, problems: Problems) -> None:
    owners: dict[int, str] = {}
    for group in catalog.product_groups.values():
        owner = owners.setdefault(group.number, group.id)
        if owner != group.id:
            path = step(step("product_groups", group.id), "number")
            problems.add(path, f'{group.number} is the number of product group "{owner}" already')


def _check_group(catalog: Catalog, problems: Problems, *, group: ProductGroup) -> None:
    path = step("product_groups", group.id)
    if group.pool:
        _refer(f"{path}.pool", group.pool, known=catalog.pools, problems=problems)
    if group.count_group is not None:
        _refer(f"{path}.count_group", group.count_group, known=catalog.count_groups, problems=problems)
    if (group.count_group is None) != (group.threshold is None):
        missing = "count_group" if group.count_group is None else "threshold"
        problems.add(f"{path}.{missing}", "is missing: `count_group` and `threshold` belong together")
    if "host" in group.kinds and group.count_group is None and group.threshold is None:
        problems.add(f"{path}.count_group", 'is missing: kind "host" needs `count_group` and `threshold`')
    if group.host_group is not None:
        _check_host_group(catalog, problems, group=group)
    elif "host" not in group.kinds and (group.activates or group.hosts):
        problems.add(f"{path}.kinds", 'has no "host", so `activates` and `hosts` are about no key')
    if group.directory and "host" not in group.kinds:
        problems.add(f"{path}.directory", 'needs kind "host", whose key a directory object is made with')
    _check_activates(catalog, problems, group=group)
    _check_hosts(catalog, problems, group=group)


def _check_host_group(catalog: Catalog, problems: Problems, *, group: ProductGroup) -> None:
    path = step("product_groups", group.id)
    place = f"{path}.host_group"
    owner = catalog.product_groups.get(group.host_group or "")
    if owner is None:
        _refer(place, group.host_group or "", known=catalog.product_groups, problems=problems)
    elif owner.host_group is not None or "host" not in owner.kinds:
        problems.add(place, f'product group "{owner.id}" has no host key of its own')
    elif group.id not in owner.activates:
        problems.add(place, f'a host key of "{owner.id}" does not activate "{group.id}"')
    if "host" not in group.kinds:
        problems.add(f"{path}.kinds", 'has no "host", so `host_group` names a key that is never given')
    if group.activates or group.hosts:
        problems.add(place, "stands beside `activates` or `hosts`, which belong to the group whose host key it is")


def _check_activates(catalog: Catalog, problems: Problems, *, group: ProductGroup) -> None:
    for index, name in enumerate(group.activates):
        place = f"{step('product_groups', group.id)}.activates[{index}]"
        served = catalog.product_groups.get(name)
        if served is None:
            _refer(place, name, known=catalog.product_groups, problems=problems)
        elif served.count_group is None:
            problems.add(place, f'product group "{name}" has no `count_group`, so no host could count its computers')


def _check_hosts(catalog: Catalog, problems: Problems, *, group: ProductGroup) -> None:
    hosts = f"{step('product_groups', group.id)}.hosts"
    for platform, word in group.hosts.items():
        place = step(hosts, platform)
        _refer(place, platform, known=catalog.host_platforms, problems=problems)
        if word not in ("yes", "never", "") and word not in catalog.updates:
            known = ("yes", "never", *catalog.updates)
            problems.add(place, f'"{word}" is neither "yes", "never" nor an update' + nearest(word, known))


def _check_product(catalog: Catalog, problems: Problems, *, product: Product) -> None:
    path = step("products", product.id)
    group = catalog.product_groups.get(product.group)
    if group is None:
        if product.group:
            _refer(f"{path}.group", product.group, known=catalog.product_groups, problems=problems)
        return
    for index, kind in enumerate(product.kinds):
        if kind not in group.kinds:
            problems.add(f"{path}.kinds[{index}]", f'"{kind}" is not among the kinds of product group "{group.id}"')
        channel = kind if kind in ("retail", "oem") else "volume"
        if kind != "trial" and channel not in product.channels:
            problems.add(f"{path}.channels", f'has no "{channel}", which kind "{kind}" needs')
    _check_delivery(catalog, problems, product=product)
    if product.needs == "none" and product.kinds:
        problems.add(f"{path}.needs", 'is "none", yet `kinds` offers a key')
    if product.needs == "activation" and not product.kinds:
        problems.add(f"{path}.kinds", 'offers no key, yet `needs` is "activation"')
    if product.needs == "setup" and "setup" not in product.kinds:
        problems.add(f"{path}.kinds", 'has no "setup", yet `needs` is "setup"')


def _check_delivery(catalog: Catalog, problems: Problems, *, product: Product) -> None:
    path = step("products", product.id)
    for index, name in enumerate(product.downgrades):
        _refer(f"{path}.downgrades[{index}]", name, known=catalog.products, problems=problems)
        if name == product.id:
            problems.add(f"{path}.downgrades[{index}]", "is the product itself")
    if product.client_access is not None:
        access = catalog.products.get(product.client_access)
        _refer(f"{path}.client_access", product.client_access, known=catalog.products, problems=problems)
        if access is not None and access.needs != "none" and "cal" not in access.kinds:
            problems.add(
                f"{path}.client_access", f'"{access.id}" needs a key, but none of kind "cal" is offered for it'
            )
    if product.key_on_media and "setup" not in product.kinds:
        problems.add(f"{path}.key_on_media", 'needs kind "setup": no other key is on media')


def _refer(place: str, name: str, *, known: Collection[str], problems: Problems) -> None:
    if name not in known:
        problems.add(place, f'"{name}" is not in the catalog' + nearest(name, known))
