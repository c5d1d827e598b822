"""Whether anybody was passed over: the calls of a batch held against its order, and nothing else.

It shares no code with what calls: a rule that skipped a place would not be caught by itself (T-43).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from anju_rules.values import Refusal


class CallLine(NamedTuple):
    """One line of a record, as far as calling goes."""

    place: int
    what: str
    """``called``, ``chosen``, ``missed``, ``waived`` or ``returned``."""


def check_calls(lines: Sequence[CallLine], *, places: Sequence[int], desks: int) -> None:
    """See that every place is called before the next one is, or gave its turn up or put it off.

    ``places``: the places that the record is about, in the order of choosing. A place that was
    called and did not come has its own line (``missed``), with the proof of the call in its entry.
    Refuses with ``live.turn-jumped`` the first call of a place while an earlier one was neither
    called nor waived nor put off, and a record in which a place is missing that later ones come
    after; with ``live.desks-exceeded`` more at once than ``desks``.

    >>> check_calls(
    ...     [CallLine(1, "called"), CallLine(1, "missed"), CallLine(2, "called")],
    ...     places=[1, 2],
    ...     desks=1,
    ... )
    """
    heard: set[int] = set()
    called: set[int] = set()
    for seq, line in enumerate(lines, start=1):
        if line.what == "called":
            if line.place not in heard:
                passed = [place for place in places if place < line.place and place not in heard]
                if passed:
                    raise Refusal("live.turn-jumped", seq=seq, place=passed[0], called=line.place)
            called.add(line.place)
            if len(called) > desks:
                raise Refusal("live.desks-exceeded", seq=seq, desks=desks)
        else:
            called.discard(line.place)
        if line.what in {"called", "waived", "returned"}:
            heard.add(line.place)
