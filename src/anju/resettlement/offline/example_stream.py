"""A stream of seeded choices for made-up data: nothing is decided with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")
_WORD_BYTES = 8
_WORDS = 2 ** (8 * _WORD_BYTES)


class Stream:
    """Numbers from SHA-256 over seed, purpose and a counter: the same on every machine, for ever.

    >>> Stream(seed=1, purpose="names").below(10) == Stream(seed=1, purpose="names").below(10)
    True
    """

    def __init__(self, *, seed: int, purpose: str) -> None:
        self._prefix = f"anju-example-1/{seed}/{purpose}/"
        self._counter = 0

    def below(self, bound: int) -> int:
        """Give a whole number from 0 to under ``bound``, all equally likely."""
        ceiling = _WORDS - _WORDS % bound
        while True:
            told = f"{self._prefix}{self._counter}".encode()
            self._counter += 1
            word = int.from_bytes(hashlib.sha256(told).digest()[:_WORD_BYTES])
            if word < ceiling:
                return word % bound

    def between(self, least: int, most: int) -> int:
        """Give a whole number from ``least`` to ``most``."""
        return least + self.below(most - least + 1)

    def comes(self, percent: int) -> bool:
        """Say yes so many times in a hundred."""
        return self.below(100) < percent

    def pick(self, things: Sequence[Thing]) -> Thing:
        """Give one of ``things``."""
        return things[self.below(len(things))]

    def weigh(self, things: Mapping[Thing, int]) -> Thing:
        """Give one of the keys, as often as its weight says."""
        at = self.below(sum(things.values()))
        for thing, weight in things.items():
            at -= weight
            if at < 0:
                return thing
        raise AssertionError  # weights sum to more than `at`
