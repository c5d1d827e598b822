"""Logs: structured lines in which nobody is named.

Three nets, each for what the one before lets through: secrets have a type that does not print; a
field whose name says it is personal is not written; and in every text that is left, numbers shaped
like an identity card, a phone, a household code or a token are covered. The libraries' own
loggers (Django, Granian, procrastinate) write through the same nets.
"""

from __future__ import annotations

import logging  # noqa: TID251 - the libraries' loggers are caught here, and nowhere else
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO, final

import structlog

from anju.foundation.core.clock import read_clock

COVERED = "[covered]"
_DEEPEST = 6
_PERSONAL = frozenset(
    {
        "address",
        "authorization",
        "body",
        "household_code",
        "cookie",
        "identity",
        "identity_number",
        "key",
        "login",
        "name",
        "password",
        "phone",
        "pin",
        "pinyin",
        "secret",
        "session",
        "token",
    }
)
"""Fields that are never written, alone or after an underscore: ``phone``, ``owner_phone``.

``code`` is none of them: a refusal's code is what one looks for. Household codes have a shape.
"""
_GAP = r"[ \-.]?"
_START, _END = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_PATTERNS = re.compile(
    "|".join(
        (
            # An identity number of 18 or 15 places, also in groups as printed.
            rf"{_START}[1-9][0-9]{{5}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}[0-9Xx]{_END}",
            rf"{_START}[1-9][0-9]{{14}}{_END}",
            # A mobile (the examples' begin with 100) or land line.
            rf"{_START}(?:\+?86{_GAP})?1[0-9]{{2}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}{_END}",
            rf"(?<!-){_START}0[1-9][0-9]{{1,2}}[ \-]?[2-8][0-9]{{6,7}}{_END}",
            # A household code; a token of the API.
            rf"{_START}(?:[2-9A-HJ-KM-NP-Z]{{4}}-){{2}}[2-9A-HJ-KM-NP-Z]{{4}}{_END}(?!-)",
            r"anju_[0-9a-f]{16,}",
            # PostgreSQL repeats a row's values in the details of an error.
            r"(?<=DETAIL:)[^\n]*",
        )
    )
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


@final
class Secret:
    """A text that prints as nothing: hand it on, and :meth:`reveal` it where it is used."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the text."""
        return self._text

    def __repr__(self) -> str:
        return COVERED

    __str__ = __repr__

    def __format__(self, form: str) -> str:
        return COVERED

    def __reduce__(self) -> tuple[Any, ...]:
        """Refuse to be written anywhere."""
        raise TypeError(COVERED)


def cover_text(text: str) -> str:
    """Cover what is shaped like a number of a person, or like a key.

    >>> cover_text("户主 11010519491231002X 电话 138-1234-5678")
    '户主 [covered] 电话 [covered]'
    """
    return _PATTERNS.sub(COVERED, text.translate(_FULL_WIDTH))


def cover_event(
    logger: object, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Cover every field of a log line; the last step before it is written."""
    del logger, method
    return {
        name: COVERED if _is_personal(name) else _cover(value, 0) for name, value in event.items()
    }


def _is_personal(name: str) -> bool:
    return name in _PERSONAL or name.rpartition("_")[2] in _PERSONAL


def _cover(value: object, depth: int) -> object:
    """Cover a value of any kind; what is no plain value is written as its covered text."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        covered = cover_text(str(value))
        return value if covered == str(value) else covered
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{len(value)} bytes"
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {
            cover_text(str(name)): COVERED if _is_personal(str(name)) else _cover(part, depth + 1)
            for name, part in value.items()
        }
    if depth < _DEEPEST and isinstance(value, list | tuple | set | frozenset):
        return [_cover(part, depth + 1) for part in value]
    return cover_text(str(value))


class _StandardError:
    """Standard error as it is when a line is written, not as it was when logging began."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure_logs(*, stream: TextIO | None = None, level: str = "INFO") -> None:
    """Write every log line of this process as one line of JSON to ``stream`` (standard error)."""
    before: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        _add_moment,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or _StandardError())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                cover_event,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def _add_moment(
    logger: object, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    del logger, method
    event["at"] = read_clock().isoformat(timespec="milliseconds")
    return event
