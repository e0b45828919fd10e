"""The catalog of stable codes, in alphabetical order. It is append-only: a retired code stays as a reserved line."""

from __future__ import annotations

from collections.abc import Mapping

from volact.errors.calling import CALLING
from volact.errors.code import Code
from volact.errors.faults import FAULTS
from volact.errors.operating import OPERATING
from volact.errors.trade import TRADE
from volact.errors.visiting import VISITING

CODES: Mapping[str, Code] = {
    code.name: code for code in sorted((*CALLING, *FAULTS, *OPERATING, *TRADE, *VISITING), key=lambda code: code.name)
}
