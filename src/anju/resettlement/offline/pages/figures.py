"""The figures at the top of the page: counts of the published rows, and nothing beyond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from anju.resettlement.offline.pages.data import Bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How many households and homes, and how far the choosing has come."""

    households: int
    placed: int
    homes: int
    taken: int
    reserved: int
    """Homes kept for a special need and not taken."""
    batches: int
    is_live: bool = False
    """Whether the homes were chosen live: who has none waits, waived, or missed its turn."""

    @property
    def waiting_for(self) -> str:
        """What is said of the households that have no home."""
        return "没有选定" if self.is_live else "等待现场选房"

    @property
    def waiting(self) -> int:
        """Households with no home yet."""
        return self.households - self.placed

    @property
    def left(self) -> int:
        """Homes nobody has taken, the reserved ones among them."""
        return self.homes - self.taken

    @property
    def sentence(self) -> str:
        """The first thing a reader wants to know, in one sentence.

        >>> Figures(
        ...     households=1200, placed=1050, homes=1300, taken=1110, reserved=9, batches=40
        ... ).sentence
        '一共 1,200 户，1,050 户已选定，150 户等待现场选房'
        """
        if not self.households:
            return "名单里还没有住户"
        if not self.waiting:
            return f"一共 {self.households:,} 户，全部已选定"
        if not self.placed:
            none_yet = "还没有选定" if self.is_live else "在等待现场选房"
            return f"一共 {self.households:,} 户，都{none_yet}"
        whole = f"一共 {self.households:,} 户"
        return f"{whole}，{self.placed:,} 户已选定，{self.waiting:,} 户{self.waiting_for}"


def count_figures(bundle: Bundle) -> Figures:
    """Count households, homes and batches of a bundle."""
    taken = {number for row in bundle.choices for number in row["units"]}
    return Figures(
        households=len(bundle.order),
        placed=sum(1 for row in bundle.choices if row["units"]),
        homes=len(bundle.units),
        taken=len(taken),
        reserved=sum(
            1 for home in bundle.units if home["reserved_for"] and home["number"] not in taken
        ),
        batches=len({row["batch"] for row in bundle.order}),
        is_live=bundle.turns is not None,
    )
