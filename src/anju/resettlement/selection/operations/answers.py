"""An act under a key is done once: asked again, it is answered as before and not done again (T-41).

A desk whose connection breaks after the commit does not know whether its act was done. It sends the
same act with the same key: what was answered then is answered now, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar, get_type_hints
from uuid import UUID

from django.db import connections
from django.db.models import QuerySet
from pydantic import TypeAdapter

from anju.foundation.access.operations import operation
from anju.foundation.access.types import Secrecy
from anju.resettlement.selection.models import AnswerRecord
from anju_rules.hashing import canonical, digest
from anju_rules.values import Refusal

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

LONGEST_KEY = 100
_NOT_ASKED = frozenset({"by", "at", "key"})
"""What is no part of a request: who and when are the same person's, a moment later."""

# Of two that come at once under one key the second waits for the first to commit, and finds it.
_CLAIM = """
INSERT INTO selection_answer (project_id, account_id, key, act, asked, answered_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""


class _DoneMeanwhileError(Exception):
    """The act was done under this key while it was asked again."""


def answered_once(
    *,
    permits: str,
    action: str,
    clauses: tuple[str, ...],
    also: tuple[str, ...] = (),
) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
    """Declare a public operation (:func:`~anju.foundation.access.gate.operation`) done once a key.

    The function takes ``project_id`` and ``key: str | None``. The key is the account's own. Refuses
    with ``selection.key-malformed``, and with ``selection.key-reused`` where the key was used for
    another request. What was refused is not kept: asked again it is judged again.
    """

    def declare(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
        @wraps(function)
        def keep(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            key = kwargs.get("key")
            if key is None:
                return function(*args, **kwargs)
            _claim(function.__name__, kwargs)
            answer = function(*args, **kwargs)
            _answer_of(kwargs).update(answer=_shape(function).dump_python(answer, mode="json"))
            return answer

        act = operation(
            permits=permits, action=action, clauses=clauses, level=Secrecy.PUBLIC, also=also
        )(keep)

        @wraps(act)
        def run(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            if kwargs.get("key") is None:
                return act(*args, **kwargs)
            found = _find(function, kwargs)
            if found is not None:
                return found[0]
            try:
                return act(*args, **kwargs)
            except _DoneMeanwhileError:
                found = _find(function, kwargs)
                if found is None:
                    raise
                return found[0]

        return run

    return declare


def _find(function: Callable[..., Answer], told: Mapping[str, Any]) -> tuple[Answer] | None:
    """Give what was answered under the key; refuses where another request had it."""
    if not 0 < len(str(told["key"])) <= LONGEST_KEY:
        raise Refusal("selection.key-malformed", longest=LONGEST_KEY)
    kept = _answer_of(told).first()
    if kept is None:
        return None
    if kept.asked != _asked(function.__name__, told):
        raise Refusal("selection.key-reused", act=kept.act)
    return (_shape(function).validate_python(kept.answer),)


def _answer_of(told: Mapping[str, Any]) -> QuerySet[AnswerRecord]:
    return AnswerRecord.objects.filter(
        project_id=told["project_id"], account_id=told["by"].id, key=told["key"]
    )


def _claim(act: str, told: Mapping[str, Any]) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            _CLAIM,
            [
                *(told["project_id"], told["by"].id, told["key"]),
                *(act, _asked(act, told), told["at"]),
            ],
        )
        if not cursor.rowcount:
            raise _DoneMeanwhileError


def _asked(act: str, told: Mapping[str, Any]) -> str:
    """Digest a request, in hex."""
    request = {name: _plain(value) for name, value in told.items() if name not in _NOT_ASKED}
    return digest(canonical({"act": act, "request": request})).hex()


def _plain(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, UUID) else value


def _shape(function: Callable[..., Answer]) -> TypeAdapter[Answer]:
    """Give how an act's answer is written as JSON and read again."""
    return _adapter(get_type_hints(function)["return"])


@cache
def _adapter(answer: type[Answer]) -> TypeAdapter[Answer]:
    return TypeAdapter(answer)
