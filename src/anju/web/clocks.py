"""A clock as pages draw it: whole seconds used and left, and their words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRow:
    """How much of a limit is used, in whole seconds."""

    limit_seconds: int
    used_seconds: int

    @property
    def left_seconds(self) -> int:
        """What is left; negative once the limit has passed."""
        return self.limit_seconds - self.used_seconds

    @property
    def is_over(self) -> bool:
        """Whether the limit has passed."""
        return self.left_seconds < 0

    @property
    def used_share(self) -> int:
        """The used part in hundredths, at most 100: the width of the bar."""
        return min(100, 100 * self.used_seconds // max(1, self.limit_seconds))

    @property
    def left_words(self) -> str:
        """``1:47``, or ``超 0:12`` once the limit has passed."""
        left = self.left_seconds
        return write_seconds(left) if left >= 0 else f"超 {write_seconds(-left)}"

    @property
    def used_words(self) -> str:
        """The used time, ``1:13``."""
        return write_seconds(self.used_seconds)

    @property
    def limit_words(self) -> str:
        """The limit, ``3:00``."""
        return write_seconds(self.limit_seconds)


def clock_of(*, called_at: datetime, limit_at: datetime, at: datetime) -> ClockRow:
    """Give the clock of a turn as it stands at ``at``.

    >>> from datetime import UTC, timedelta
    >>> start = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
    >>> clock = clock_of(
    ...     called_at=start,
    ...     limit_at=start + timedelta(seconds=180),
    ...     at=start + timedelta(seconds=73),
    ... )
    >>> clock.left_words, clock.used_share, clock.is_over
    ('1:47', 40, False)
    """
    return ClockRow(
        limit_seconds=int((limit_at - called_at).total_seconds()),
        used_seconds=max(0, int((at - called_at).total_seconds())),
    )


def write_seconds(seconds: int) -> str:
    """Write whole seconds as minutes and seconds.

    >>> write_seconds(62), write_seconds(5)
    ('1:02', '0:05')
    """
    return f"{seconds // 60}:{seconds % 60:02}"
