"""What advice is made of: a question's facts by the catalog, and the ways that may or may not be used."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from msgspec import Struct, field

from volact.errors import Words, sentence
from volact.licensing.advice.question import Question, served_groups
from volact.licensing.agreements import check_entitled, entitled
from volact.licensing.allowance import default_allowance
from volact.licensing.catalog import Catalog, Product, ProductGroup, Program
from volact.licensing.hosting import FEW_COMPUTERS, host_word
from volact.licensing.issuing import check_sold
from volact.licensing.thresholds import is_counted


class Answer(Struct, frozen=True, kw_only=True):
    """A way that may be used, by which key, and how many hosts and activations it takes.

    `words` is one sentence for people, `rule` the rule that it follows from. `ask_for` is how many activations are
    missing from the key, None where that is not known; `update` is what the host's platform needs before.
    """

    method: str
    key_kind: str | None
    product_group: str
    hosts: int = 0
    activations: int = 0
    words: Words | str = field(name="reason")
    rule: str
    ask_for: int | None = None
    update: str | None = None

    @property
    def reason(self) -> str:
        """The reason in English, as it stands in prose."""
        return sentence(str(self.words))


class Excluded(Struct, frozen=True, kw_only=True):
    """A way that may not be used, with the code that it would be refused with."""

    method: str
    key_kind: str | None
    product_group: str
    code: str
    words: Words | str = field(name="reason")
    rule: str

    @property
    def reason(self) -> str:
        """The reason in English, as it stands in prose."""
        return sentence(str(self.words))


class Stop(Struct, frozen=True):
    """What keeps a way from being used: the code, the reason, and the rule that it follows from."""

    code: str
    words: Words | str
    rule: str


Way = Answer | Excluded


def excluded(method: str, kind: str | None, *, group: str, stop: Stop) -> Excluded:
    """A way that something keeps from being used, by a key of this kind and product group."""
    return Excluded(method=method, key_kind=kind, product_group=group, code=stop.code, words=stop.words, rule=stop.rule)


class Case(Struct, frozen=True, dict=True):
    """A question with what the catalog says about it: the product owned, the one wanted, and the latter's group."""

    catalog: Catalog
    question: Question
    owned: Product
    wanted: Product
    group: ProductGroup

    @property
    def downgrade(self) -> bool:
        """Whether another product is wanted than the one that is owned."""
        return self.wanted.id != self.owned.id

    @property
    def rule(self) -> str:
        """The rule that the main answers follow from: the product's own, else that of downgrades, else of methods."""
        return self.wanted.rule or ("F38" if self.downgrade else "F31")

    @property
    def program(self) -> Program | None:
        """The program of the agreement, None where nobody says one."""
        return self.catalog.programs[self.question.program] if self.question.program else None

    @property
    def total(self) -> int:
        """The computers to be activated and those of the count group that a host counts already."""
        return self.question.computers + self._others

    @cached_property
    def counted(self) -> int:
        """Those of them that add to the count: virtual ones only where the wanted product's version does."""
        counts = is_counted(self.catalog, self.wanted.id, virtual=self.question.virtual)
        return self._others + (self.question.computers if counts else 0)

    @property
    def threshold(self) -> int:
        """How many computers have to count; 1 where nothing is counted."""
        return self.group.threshold or 1

    @property
    def enough(self) -> bool:
        """Whether so many computers count."""
        return self.counted >= self.threshold

    @property
    def few(self) -> bool:
        """Whether there are so few computers that a multiple activation key is less work than a host."""
        return self.total < FEW_COMPUTERS

    @property
    def available(self) -> int | None:
        """The activations that the multiple activation key has left, or that a new one gets; None where not known."""
        return self.allowance if self.question.mak_remaining is None else self.question.mak_remaining

    @cached_property
    def allowance(self) -> int | None:
        """The activations that a new multiple activation key gets, None where the question says too little for it."""
        asked, program = self.question, self.program
        if program is None or (program.allowance.by_level and asked.level is None):
            return None
        if (program.allowance.bands or program.allowance.per_license is not None) and asked.licenses is None:
            return None
        of_group = (
            n for name, n in (asked.licenses or {}).items() if self.catalog.products[name].group == self.group.id
        )
        return default_allowance(self.catalog, program.id, level=asked.level, licenses=sum(of_group), kind="mak")

    @cached_property
    def host_products(self) -> dict[str, list[str]]:
        """The products that are sold with a host key, by the product group of that key."""
        found: dict[str, list[str]] = {}
        for product in self.catalog.products.values():
            if "host" in product.kinds and not product.retired:
                key = self.catalog.product_groups[product.group].host_key_group
                found.setdefault(key, []).append(product.id)
        return found

    @cached_property
    def entitled(self) -> Collection[str]:
        """The products that the agreement gives keys for; all of them where nobody says what is owned."""
        if self.program is None or self.question.licenses is None:
            return self.catalog.products.keys()
        return entitled(self.catalog, self.program.id, licenses=self.question.licenses)

    @cached_property
    def beside(self) -> dict[str, str]:
        """What the catalog says of the machine in question for each product group that it serves beside."""
        asked = self.question.host
        return {each: self.word(each) for each in served_groups(self.catalog, asked)} if asked else {}

    def word(self, group: str) -> str:
        """What the catalog says of the machine in question as a host for a product group; `yes` where none is named."""
        asked = self.question.host
        return host_word(self.catalog, asked.platform, virtual=asked.virtual, group=group) if asked else "yes"

    @property
    def _others(self) -> int:
        return self.question.others.get(self.group.count_group or "", 0)


def case_of(catalog: Catalog, question: Question) -> Case:
    """The facts of a question whose ids the catalog has."""
    wanted = catalog.products[question.downgrade_to or question.product]
    return Case(catalog, question, catalog.products[question.product], wanted, catalog.product_groups[wanted.group])


def sold_stop(product: Product) -> Stop | None:
    """What keeps new keys from a product that is no longer sold."""
    refused = check_sold(product)
    return Stop(refused.code, refused.words, product.rule or "F02") if refused else None


def entitled_stop(case: Case, product: str) -> Stop | None:
    """What keeps the agreement's keys from a product; nothing does where nobody says what is owned."""
    if case.program is None or product in case.entitled:
        return None
    refused = check_entitled(case.catalog, case.program.id, licenses=case.question.licenses or {}, product=product)
    return Stop(refused.code, refused.words, "F09" if case.question.reimage else "F07") if refused else None
