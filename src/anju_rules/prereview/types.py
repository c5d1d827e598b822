"""What was read, what is known, and what is found: all without a verdict.

Places are whole ten-thousandths of a page's width and height, so they fit whatever size the page
is shown at. Certainties are whole thousandths. What stands on a paper is never in a ``repr``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from anju_rules.values import AreaSqm, Fen

_PAGE = 10_000
ADVICE_CLAUSE = "pipl#24"
"""What only a machine found decides nothing."""


class PaperKind(StrEnum):
    """The kinds of paper that are read."""

    TITLE_CERTIFICATE = "title-certificate"
    PURCHASE_CONTRACT = "purchase-contract"
    IDENTITY_CARD = "identity-card"
    TAX_PROOF = "tax-proof"
    SURVEY_REPORT = "survey-report"
    HOUSEHOLD_REGISTER = "household-register"


class Field(StrEnum):
    """What is read from a paper and compared."""

    NAME = "name"
    IDENTITY_NUMBER = "identity-number"
    UNIT_CODE = "unit-code"
    CERTIFICATE_NUMBER = "certificate-number"
    AREA = "area"
    AMOUNT = "amount"
    DATE = "date"
    VALID_UNTIL = "valid-until"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Four corners on a page: upper left, upper right, lower right, lower left."""

    page: int
    """From 1."""
    corners: tuple[tuple[int, int], ...]
    """Each across and down, in ten-thousandths of the page."""

    def turned(self, *, quarters: int) -> Place:
        """Give where it stands once the page was turned counter-clockwise by so many quarters."""
        corners = self.corners
        for _ in range(quarters % 4):
            corners = tuple((down, _PAGE - across) for across, down in corners)
        return Place(page=self.page, corners=corners)

    @property
    def across(self) -> int:
        """The middle, across."""
        return sum(corner[0] for corner in self.corners) // len(self.corners)

    @property
    def down(self) -> int:
        """The middle, down."""
        return sum(corner[1] for corner in self.corners) // len(self.corners)

    @property
    def left(self) -> int:
        """The leftmost corner."""
        return min(corner[0] for corner in self.corners)

    @property
    def right(self) -> int:
        """The rightmost corner."""
        return max(corner[0] for corner in self.corners)

    @property
    def height(self) -> int:
        """How high a letter stands: the longer of the two sides, never nothing."""
        first, second, third, fourth = self.corners
        return max(abs(fourth[1] - first[1]), abs(third[1] - second[1]), 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """A line of text as a reader gave it."""

    text: str = field(repr=False)
    place: Place
    certainty: int
    """In thousandths, as the reader says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperText:
    """A whole paper as it was read."""

    pages: int
    lines: tuple[TextLine, ...]
    turned: tuple[int, ...] = ()
    """For each page the quarters by which it must be turned counter-clockwise to stand."""
    reader: str
    """Who read it, with the version: ``rapidocr 3.10.0``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """A person of the case; the number may be unknown."""

    name: str = field(repr=False)
    identity_number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the case knows; what it does not know is empty, and only looked for on the paper."""

    people: tuple[KnownPerson, ...] = ()
    unit_code: str = ""
    certificate_number: str = ""
    area_sqm: AreaSqm | None = None
    amount_fen: Fen | None = None
    dated_on: date | None = None
    today: date | None = None
    """The day on which a paper must still be valid."""


class Stance(StrEnum):
    """All that a finding may say."""

    CITES = "cites"
    """It stands there, and agrees with what is known."""
    DOUBTS = "doubts"
    """A person should look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointFinding:
    """What was found on one point."""

    code: str
    """``prereview.agrees``, ``prereview.differs``, …: the words for it stand under this code."""
    point: str
    """A :class:`Field`, a part of the paper (``signature-page``), or ``kind`` or ``pages``."""
    stance: Stance
    clause: str
    certainty: int = 0
    """Of the reading, in thousandths; nothing was read: 0."""
    place: Place | None = None
    facts: Mapping[str, str] = field(default_factory=dict, repr=False)
    """``read`` and ``known``, names and numbers of people masked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreReview:
    """What a machine says of a paper, for the officer who decides."""

    kind: PaperKind
    reader: str
    pages: int
    findings: tuple[PointFinding, ...]
    clause: str = ADVICE_CLAUSE

    @property
    def citations(self) -> tuple[PointFinding, ...]:
        """What stands there and agrees."""
        return tuple(found for found in self.findings if found.stance is Stance.CITES)

    @property
    def doubts(self) -> tuple[PointFinding, ...]:
        """What a person should look at."""
        return tuple(found for found in self.findings if found.stance is Stance.DOUBTS)
