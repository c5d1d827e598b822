"""The what-if form: how much staff and money there is, and whether title and payment are apart."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict

from anju_rules.sheets import fen_from_yuan
from anju_rules.triage.easy_first import Means
from anju_rules.values import Refusal

_MOST_DIGITS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for; empty fields mean no limit."""

    staff: str
    money: str
    is_separated: bool
    means: Means

    @property
    def is_asked(self) -> bool:
        """Whether anything was asked at all."""
        return bool(self.staff or self.money or self.is_separated)


def read_means(told: QueryDict, *, is_separated: bool = False) -> Asked:
    """Read staff (days), money (yuan) and separation from a form or an address.

    ``is_separated``: what holds where the form does not say. Refuses with ``web.not-a-count`` and
    as amounts of money are read.
    """
    staff, money = told.get("staff", "").strip(), told.get("money", "").strip()
    if staff and not (staff.isascii() and staff.isdigit() and len(staff) <= _MOST_DIGITS):
        raise Refusal("web.not-a-count", value=staff[:20])
    return Asked(
        staff=staff,
        money=money,
        is_separated=told.get("separated") == "1" if "asked" in told else is_separated,
        means=Means(int(staff) if staff else None, fen_from_yuan(money) if money else None),
    )
