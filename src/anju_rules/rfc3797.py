"""RFC 3797: a published way to pick some of a pool from public seeds, as a second, named scheme.

Draws of this platform use ``anju-draw-1``. This scheme is here so that draws held elsewhere under
the RFC can be recomputed. The RFC prescribes MD5; nothing secret rests on it: the seeds are public,
and their sources are fixed before anybody knows the values.

Source: RFC 3797 (June 2004), sections 4 and 6.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from anju_rules.values import Refusal

SCHEME = "rfc3797"
LARGEST_POOL = 65_535
"""The RFC numbers the picks with two bytes."""

_WHOLE_NUMBER = re.compile(r"[0-9]{1,40}")


def key_from_seeds(*, seeds: Sequence[Sequence[int]]) -> str:
    """Build the key string: a source's numbers sorted, each ended by ``.``, each source by ``/``.

    Args:
        seeds: one sequence of whole numbers a source, in the announced order of the sources.

    Refuses with ``rfc3797.seeds`` if there is no source, a source is empty, or a number is
    negative.

    >>> key_from_seeds(seeds=[[9319], [2, 5, 12, 8, 10], [9, 18, 26, 34, 41, 45]])
    '9319./2.5.8.10.12./9.18.26.34.41.45./'
    """
    if not seeds:
        raise Refusal("rfc3797.seeds", source=0)
    parts = []
    for place, numbers in enumerate(seeds, start=1):
        if not numbers or min(numbers) < 0:
            raise Refusal("rfc3797.seeds", source=place)
        parts.append("".join(f"{number}." for number in sorted(numbers)) + "/")
    return "".join(parts)


def read_seeds(*, lines: Iterable[str]) -> tuple[tuple[int, ...], ...]:
    """Read seeds as published: a source a line, numbers apart by blanks, lines from ``#`` left out.

    Refuses with ``rfc3797.seed-line`` and the line's number if a line holds anything else.

    >>> read_seeds(lines=["# a comment", "9319", "2 5 12 8 10"])
    ((9319,), (2, 5, 12, 8, 10))
    """
    seeds = []
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if not all(_WHOLE_NUMBER.fullmatch(word) for word in words):
            raise Refusal("rfc3797.seed-line", line=number)
        seeds.append(tuple(int(word) for word in words))
    return tuple(seeds)


def select_by_rfc3797(*, key: str, pool: int, picks: int) -> tuple[int, ...]:
    """Pick ``picks`` different places of a pool, in order; places count from 1.

    The i-th pick (from 0) takes MD5(i, key, i), i as two bytes, as one big number, modulo the
    number of places left, from the list of those left.

    Args:
        key: the key string, see :func:`key_from_seeds`; ASCII.
        pool: number of entries in the published list, 1 to 65,535.
        picks: how many to pick, 1 to ``pool``.

    Refuses with ``rfc3797.key``, ``rfc3797.pool`` or ``rfc3797.picks``.

    >>> select_by_rfc3797(key="9319./2.5.8.10.12./9.18.26.34.41.45./", pool=25, picks=4)
    (17, 7, 2, 16)
    """
    if not key or not key.isascii():
        raise Refusal("rfc3797.key")
    if not 1 <= pool <= LARGEST_POOL:
        raise Refusal("rfc3797.pool", pool=pool, largest=LARGEST_POOL)
    if not 1 <= picks <= pool:
        raise Refusal("rfc3797.picks", picks=picks, pool=pool)
    text = key.encode("ascii")
    left = list(range(1, pool + 1))
    chosen = []
    for place in range(picks):
        number = place.to_bytes(2, "big")
        drawn = hashlib.md5(number + text + number, usedforsecurity=False).digest()
        chosen.append(left.pop(int.from_bytes(drawn, "big") % len(left)))
    return tuple(chosen)
