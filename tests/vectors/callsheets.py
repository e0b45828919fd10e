"""How the vectors of call sheets are judged."""

from typing import Any

from volact.credential.request import parse_request
from volact.errors import Refusal
from volact.protocol.callsheets import check_belongs, read_call_sheet
from volact.protocol.confirming import heard_confirmation


def call_sheets(given: dict[str, Any]) -> Any:
    """Nothing for a call sheet that belongs to its request and takes the confirmation."""
    sheet = read_call_sheet(given["sheet"].encode())
    check_belongs(sheet, parse_request(given["request"].encode()))
    if "confirmation" not in given:
        return None
    heard = heard_confirmation(sheet, given["confirmation"], now=given["now"])
    return heard if isinstance(heard, Refusal) else None
