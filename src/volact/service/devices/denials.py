"""Refusals on their way to the record: counted in memory, so that a flood of them costs neither rows nor writes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from volact.service.ledger.denials import OTHERS, Denied

MOST = 2_000  # different lines that wait to be written


class Denials:
    """Counts what is refused until somebody takes the counts, in whatever thread; a crash loses what nobody took."""

    def __init__(self) -> None:
        self._counts: Counter[Denied] = Counter()
        self._lock = threading.Lock()

    def count(self, denied: Denied) -> None:
        """Counts one more; where too many different ones wait, its address is one of the others."""
        with self._lock:
            self._add(denied, 1)

    @contextmanager
    def taken(self) -> Iterator[Mapping[Denied, int]]:
        """Everything that was counted, which is then no longer here, unless an exception says that it is not kept."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        try:
            yield counts
        except BaseException:
            with self._lock:
                for denied, times in counts.items():
                    self._add(denied, times)
            raise

    def _add(self, denied: Denied, times: int) -> None:
        if denied not in self._counts and len(self._counts) >= MOST:
            denied = denied._replace(address=OTHERS)
            if denied not in self._counts and len(self._counts) >= 2 * MOST:
                denied = denied._replace(keyid="")
        self._counts[denied] += times
