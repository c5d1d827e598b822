"""Reading a plan's tables step by step: every refusal names the path of what it found fault with.

Entries of a list are counted from one, as a person counts them: ``rules.scoring[3].points`` is the
points of the third scoring line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NoReturn

from anju_rules.values import Refusal, Tenths, exact_decimal, tenths_from_points

_STABLE_WORD = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_KINDS: Mapping[type, str] = {
    str: "text",
    bool: "yes or no",
    int: "whole number",
    float: "binary float",
    list: "list",
    dict: "table",
    date: "date",
    datetime: "moment",
}


def refuse_at(path: str, code: str, *, clause: str = "", **facts: object) -> NoReturn:
    """Refuse a rule set because of what stands at ``path``."""
    raise Refusal(code, clause=clause, path=path, **facts)


def _refuse_type(path: str, value: object, expected: str) -> NoReturn:
    if isinstance(value, float):
        refuse_at(path, "policy.binary-float", value=repr(value))
    found = _KINDS.get(type(value), type(value).__name__)
    refuse_at(path, "policy.wrong-type", expected=expected, found=found)


class PolicyTable:
    """One table of a plan; each key is taken once, and what is left over is unknown and refused."""

    __slots__ = ("_left", "path")

    def __init__(self, value: object, *, path: str) -> None:
        if not isinstance(value, Mapping):
            _refuse_type(path, value, "table")
        for key in value:
            if not isinstance(key, str):
                refuse_at(path, "policy.unknown-key", key=repr(key))
        self.path = path
        self._left: dict[str, object] = dict(value)

    def path_of(self, key: str) -> str:
        """Give the path of ``key`` in this table."""
        return f"{self.path}.{key}" if self.path else key

    def has(self, key: str) -> bool:
        """Whether ``key`` is there and not taken yet."""
        return key in self._left

    def keys_left(self) -> tuple[str, ...]:
        """The keys not taken yet, as they stand in the plan."""
        return tuple(self._left)

    def close(self) -> None:
        """Refuse what nobody asked for: a misspelled key must never pass in silence."""
        for key in self._left:
            refuse_at(self.path_of(key), "policy.unknown-key", key=key)

    def _take(self, key: str) -> object:
        if key not in self._left:
            refuse_at(self.path_of(key), "policy.missing-key", key=key)
        return self._left.pop(key)

    def take_text(self, key: str) -> str:
        """Take a text that says something."""
        value = self._take(key)
        if not isinstance(value, str):
            _refuse_type(self.path_of(key), value, "text")
        if not value.strip():
            refuse_at(self.path_of(key), "policy.empty-text", key=key)
        return value

    def take_basis(self, key: str, code: str) -> str:
        """Take a text without which no line may stand (clause, source), refusing with ``code``."""
        if key not in self._left:
            refuse_at(self.path_of(key), code)
        value = self._take(key)
        if not isinstance(value, str):
            _refuse_type(self.path_of(key), value, "text")
        if not value.strip():
            refuse_at(self.path_of(key), code)
        return value

    def take_word(self, key: str) -> str:
        """Take a stable word: lower-case letters, digits, ``_`` and ``-``."""
        value = self.take_text(key)
        if not _STABLE_WORD.fullmatch(value):
            refuse_at(self.path_of(key), "policy.not-a-stable-word", value=value)
        return value

    def take_one_of(self, key: str, allowed: tuple[str, ...]) -> str:
        """Take one of the ``allowed`` words."""
        value = self.take_text(key)
        if value not in allowed:
            refuse_at(
                self.path_of(key), "policy.not-one-of", value=value, allowed=", ".join(allowed)
            )
        return value

    def take_flag(self, key: str) -> bool:
        """Take yes or no."""
        value = self._take(key)
        if not isinstance(value, bool):
            _refuse_type(self.path_of(key), value, "yes or no")
        return value

    def take_whole(self, key: str, *, at_least: int, at_most: int | None = None) -> int:
        """Take a whole number of ``at_least`` so much, and ``at_most`` so much if said."""
        value = _whole(self._take(key), path=self.path_of(key), at_least=at_least)
        if at_most is not None and value > at_most:
            refuse_at(self.path_of(key), "policy.above-range", value=value, most=at_most)
        return value

    def take_decimal(self, key: str) -> Decimal:
        """Take an exact decimal, not negative, written as text (or a whole number as it is)."""
        return _decimal(self._take(key), path=self.path_of(key))

    def take_decimals(self, key: str) -> tuple[Decimal, ...]:
        """Take a list of exact decimals."""
        path = self.path_of(key)
        values = _list(self._take(key), path=path)
        return tuple(
            _decimal(value, path=f"{path}[{place}]") for place, value in enumerate(values, start=1)
        )

    def take_wholes(self, key: str, *, at_least: int) -> tuple[int, ...]:
        """Take a list of whole numbers."""
        path = self.path_of(key)
        values = _list(self._take(key), path=path)
        return tuple(
            _whole(value, path=f"{path}[{place}]", at_least=at_least)
            for place, value in enumerate(values, start=1)
        )

    def take_points(self, key: str) -> Tenths:
        """Take points, written as text, exact to a tenth."""
        path = self.path_of(key)
        value = self._take(key)
        if not isinstance(value, str):
            _refuse_type(path, value, "text")
        try:
            return tenths_from_points(value)
        except Refusal as refusal:
            code = (
                "policy.finer-than-a-tenth"
                if refusal.code == "value.finer-than-a-tenth"
                else "policy.not-a-number"
            )
            refuse_at(path, code, value=value)

    def take_date(self, key: str) -> date:
        """Take a date: TOML's own, or ``YYYY-MM-DD`` as the canonical form writes it."""
        path = self.path_of(key)
        value = self._take(key)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if not isinstance(value, str):
            _refuse_type(path, value, "date")
        try:
            day = date.fromisoformat(value)
        except ValueError:
            refuse_at(path, "policy.not-a-date", value=value)
        if day.isoformat() != value:
            refuse_at(path, "policy.not-a-date", value=value)
        return day

    def take_texts(self, key: str) -> tuple[str, ...]:
        """Take a list of texts, none twice."""
        return _texts(self._take(key), path=self.path_of(key))

    def take_text_lists(self, key: str) -> tuple[tuple[str, ...], ...]:
        """Take a list of lists of texts."""
        path = self.path_of(key)
        values = _list(self._take(key), path=path)
        return tuple(
            _texts(value, path=f"{path}[{place}]") for place, value in enumerate(values, start=1)
        )

    def take_table(self, key: str) -> PolicyTable:
        """Take a table within this one."""
        return PolicyTable(self._take(key), path=self.path_of(key))

    def take_tables(self, key: str) -> Iterator[PolicyTable]:
        """Take a list of tables, each with its path, counted from one."""
        path = self.path_of(key)
        for place, value in enumerate(_list(self._take(key), path=path), start=1):
            yield PolicyTable(value, path=f"{path}[{place}]")


def _list(value: object, *, path: str) -> list[object]:
    if not isinstance(value, list | tuple):
        _refuse_type(path, value, "list")
    return list(value)


def _whole(value: object, *, path: str, at_least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        _refuse_type(path, value, "whole number")
    if value < at_least:
        refuse_at(path, "policy.out-of-range", value=value, least=at_least)
    return value


def _decimal(value: object, *, path: str) -> Decimal:
    if isinstance(value, int) and not isinstance(value, bool):
        number = Decimal(value)
    elif isinstance(value, str):
        try:
            number = exact_decimal(value)
        except Refusal:
            refuse_at(path, "policy.not-a-number", value=value)
    else:
        _refuse_type(path, value, "exact decimal as text")
    if number < 0:
        refuse_at(path, "policy.out-of-range", value=number, least=0)
    return number


def _texts(value: object, *, path: str) -> tuple[str, ...]:
    texts: list[str] = []
    for place, text in enumerate(_list(value, path=path), start=1):
        if not isinstance(text, str):
            _refuse_type(f"{path}[{place}]", text, "text")
        if not text.strip():
            refuse_at(f"{path}[{place}]", "policy.empty-text")
        if text in texts:
            refuse_at(f"{path}[{place}]", "policy.duplicate", value=text)
        texts.append(text)
    return tuple(texts)
