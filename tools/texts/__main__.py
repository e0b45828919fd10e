"""Brings the pages' texts up to date, or says what is left to translate."""

from __future__ import annotations

import sys

from texts import LANGUAGES, left, mo, path, po, updated

for language in LANGUAGES:
    catalog = updated(language)
    if "--left" in sys.argv:
        sys.stdout.writelines(f"{language}  {each}\n" for each in left(catalog))
        continue
    path(language).parent.mkdir(parents=True, exist_ok=True)
    path(language).write_bytes(po(catalog))
    path(language, "mo").write_bytes(mo(catalog))
