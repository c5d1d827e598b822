"""The beacon: what the world says at a fixed instant, with one spelling a value.

``beacon_rule`` names the parts in order and so fixes their grammar: ``balls:6x00-99`` six two-digit
numbers with one space between; ``sse:close,turnover`` a closing index with two decimals and a
turnover in whole yuan; ``szse`` likewise; ``drand:round`` a round's 64 hex digits. Every part is
mandatory: a part that may be used or not is a bit somebody may choose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from anju_rules.values import Refusal

_BALLS = re.compile(r"balls:([1-9])x(\d\d)-(\d\d)", re.ASCII)
_CLOSE = re.compile(r"(0|[1-9][0-9]{0,6})\.[0-9]{2}")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")
_ROUND = re.compile(r"[0-9a-f]{64}")
_EXCHANGES = ("sse", "szse")
_FIGURES = {"close": _CLOSE, "turnover": _WHOLE}


def check_beacon_rule(rule: str) -> None:
    """Refuse with ``draw.beacon-rule-unknown`` a rule that names no grammar, or a part twice."""
    _read_rule(rule)


def check_beacon(*, rule: str, parts: Sequence[str]) -> None:
    """Refuse beacon parts that are missing, too many or spelled in another way.

    Raises:
        Refusal: ``draw.beacon-rule-unknown``, ``draw.beacon-incomplete``,
        ``draw.beacon-malformed``.
    """
    grammar = _read_rule(rule)
    if len(parts) != len(grammar):
        raise Refusal("draw.beacon-incomplete", wanted=len(grammar), given=len(parts))
    for number, (part, spelling) in enumerate(zip(parts, grammar, strict=True), start=1):
        _check_spelling(number, part, spelling)


def name_parts(rule: str) -> tuple[str, ...]:
    """Give the names of the parts that a rule asks for, in order.

    >>> name_parts("balls:6x00-99;sse:close,turnover")
    ('balls', 'sse:close', 'sse:turnover')
    """
    return tuple(name for name, *_ in _read_rule(rule))


def check_part(*, rule: str, place: int, text: str) -> None:
    """Refuse one part of the beacon (``place`` from 1) that is not spelled as the rule spells it.

    Raises:
        Refusal: ``draw.beacon-incomplete`` for a place that the rule does not have,
        ``draw.beacon-malformed``.
    """
    grammar = _read_rule(rule)
    if not 1 <= place <= len(grammar):
        raise Refusal("draw.beacon-incomplete", wanted=len(grammar), given=place)
    _check_spelling(place, text, grammar[place - 1])


def _check_spelling(
    number: int, part: str, spelling: tuple[str, re.Pattern[str], str, str]
) -> None:
    name, spelled, low, high = spelling
    fits = isinstance(part, str) and spelled.fullmatch(part) is not None
    if fits and name == "balls":
        fits = all(low <= ball <= high for ball in part.split(" "))
    if not fits:
        raise Refusal("draw.beacon-malformed", number=number, part=name, value=str(part)[:40])


def _read_rule(rule: str) -> list[tuple[str, re.Pattern[str], str, str]]:
    grammar: list[tuple[str, re.Pattern[str], str, str]] = []
    for clause in rule.split(";"):
        source, _, figures = clause.partition(":")
        balls = _BALLS.fullmatch(clause)
        if balls is not None and balls[2] < balls[3]:
            spelled = re.compile(rf"[0-9]{{2}}( [0-9]{{2}}){{{int(balls[1]) - 1}}}")
            grammar.append(("balls", spelled, balls[2], balls[3]))
        elif source in _EXCHANGES and set(figures.split(",")) <= set(_FIGURES):
            grammar += [(f"{source}:{name}", _FIGURES[name], "", "") for name in figures.split(",")]
        elif clause == "drand:round":
            grammar.append((clause, _ROUND, "", ""))
        else:
            raise Refusal("draw.beacon-rule-unknown", clause=clause[:40])
    names = [name for name, *_ in grammar]
    if len(set(names)) != len(names):
        raise Refusal("draw.beacon-rule-unknown", clause=rule[:80])
    return grammar
