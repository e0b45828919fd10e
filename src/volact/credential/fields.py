"""The forms of the fields that documents share, each with one spelling for one value (spec C-1).

The patterns end in `\\Z`: a `$` would let a line feed pass behind the last character.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"

# A lower-case DNS name.
Publisher = Annotated[str, msgspec.Meta(pattern=rf"\A(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*\Z")]
# 75, 48 and 130 bits in Crockford symbols; 48 bits leave the two highest bits of ten symbols zero.
Dev = Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-HJKMNP-TV-Z]{15}\Z")]
KeyId = Annotated[str, msgspec.Meta(pattern=r"\A[0-7][0-9A-HJKMNP-TV-Z]{9}\Z")]
Identifier = Annotated[str, msgspec.Meta(pattern=r"\A[0-9A-HJKMNP-TV-Z]{26}\Z")]
HostId = Dev  # the same form
# 16 and 32 bytes as base64url; the last symbol carries only bits that are used.
Rid = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{21}[AQgw]\Z")]
Hash = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")]
# Ids of the catalog: products, product groups, kinds of keys; and host platforms, whose ids may hold dots.
Slug = Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9][a-z0-9-]{0,63}\Z")]
PlatformId = Annotated[str, msgspec.Meta(pattern=r"\A[a-z0-9][a-z0-9.-]{0,63}\Z")]
# Seconds since 1970 UTC, or a span of them; up to the year 36812.
Time = Annotated[int, msgspec.Meta(ge=0, le=2**40)]
# Versions of roots, catalogs and lists; nine digits, as in a pin.
Version = Annotated[int, msgspec.Meta(ge=1, le=999_999_999)]
Via = Literal["online", "file"]
