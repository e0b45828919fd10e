"""Writes docs/openapi.json."""

from __future__ import annotations

from openapi import FILE, text

FILE.write_text(text(), "utf-8")
