"""How a pre-review did on papers whose truth is known: agreement, and a confusion table."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from anju_rules.prereview.types import PreReview, Stance
from tests.support.scan_forms import FINE


@dataclass(slots=True, kw_only=True)
class Marks:
    """Counts of what was true beside what was found."""

    table: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Truth's word and finding's code, e.g. ``("differs", "not-certain")``."""
    points: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """Point, and whether it was judged as an officer would."""
    papers: int = 0
    papers_right: int = 0

    def mark(self, found: PreReview, truth: dict[str, str]) -> list[str]:
        """Count a paper; gives the points where machine and officer differ."""
        wrong = []
        by_point = {finding.point: finding for finding in found.findings}
        for point, word in truth.items():
            finding = by_point.get(point) or by_point.get("pages")
            is_fine = finding is None or finding.stance is Stance.CITES
            if point in by_point or word in FINE or is_fine:
                code = finding.code.partition(".")[2] if finding else "silent"
            else:
                code = "not-found"
            is_right = is_fine == (word in FINE)
            self.table[word, code] += 1
            self.points[point, is_right] += 1
            if not is_right:
                wrong.append(f"{point}: {word}, found {code}")
        self.papers += 1
        self.papers_right += not wrong
        return wrong

    @property
    def judged(self) -> int:
        """How many points were judged."""
        return self.points.total()

    @property
    def right(self) -> int:
        """How many of them as an officer would."""
        return sum(count for (_, is_right), count in self.points.items() if is_right)

    def two_by_two(self) -> dict[str, int]:
        """Give the four counts: what is wrong and doubted, what is fine and cited, and the rest."""
        cited = {"agrees", "kind-found", "pages-whole", "part-found", "read-only", "still-valid"}
        cited.add("silent")
        told: Counter[str] = Counter()
        for (word, code), count in self.table.items():
            truth = "fine" if word in FINE else "wrong"
            told[f"{truth}_{'cited' if code in cited else 'doubted'}"] += count
        return dict(sorted(told.items()))
