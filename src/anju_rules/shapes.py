"""Shapes: whether a JSON value from outside is built exactly as a published format says.

A shape is a type (``str``, ``int``, ``bool``, ``None``), a list of one shape, a dictionary of keys
and shapes (no key more, none fewer), :class:`Each` for free keys, or a tuple of alternatives.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import cast

from anju_rules.hashing import canonical
from anju_rules.values import Refusal


@dataclass(frozen=True, slots=True)
class Each:
    """An object with any keys, whose values all have one shape."""

    shape: object


def fits(value: object, shape: object) -> bool:
    """Whether ``value`` is built as ``shape`` says. A bool is never taken for an int.

    >>> fits({"a": [1, 2]}, {"a": [int]}), fits({"a": [True]}, {"a": [int]})
    (True, False)
    """
    if isinstance(shape, tuple):
        return any(fits(value, one) for one in shape)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(item, shape[0]) for item in value)
    if isinstance(shape, Each):
        return isinstance(value, dict) and all(fits(item, shape.shape) for item in value.values())
    if isinstance(shape, dict):
        return (
            isinstance(value, dict)
            and value.keys() == shape.keys()
            and all(fits(value[key], one) for key, one in shape.items())
        )
    if shape is None:
        return value is None
    if shape is object:
        return True
    return type(value) is shape


def read_canonical(raw: bytes, *, shape: object, name: str) -> object:
    """Read canonical JSON of a known shape.

    Refuses with ``verify.not-canonical`` another spelling (spaces, order of keys, a key twice,
    floats, nesting too deep) and with ``verify.wrong-shape`` another build.
    """
    spelled = Refusal("verify.not-canonical", file=name)
    try:
        value: object = json.loads(
            raw.decode("utf-8"), parse_float=_refuse_float, parse_constant=_refuse_float
        )
        same = canonical(value) == raw
    except (ValueError, RecursionError, Refusal) as error:
        raise spelled from error
    if not same:
        raise spelled
    if not fits(value, shape):
        raise Refusal("verify.wrong-shape", file=name)
    return value


def as_rows(value: object) -> list[dict[str, object]]:
    """Give a list of objects whose shape has been checked."""
    return cast("list[dict[str, object]]", value)


def _refuse_float(text: str) -> float:
    raise ValueError(text)
