"""Which value stands at which label: beside it in the line, right of it in the row, or below it.

A page that lies a little askew has rows that climb; the slope is taken from its own lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from operator import ne

from anju_rules.prereview.forms import BESIDE, Form, FormField
from anju_rules.prereview.spelling import Reading, normal_text, read_values
from anju_rules.prereview.types import Field, PaperText, Place, TextLine

_WHOLE = 10_000
_LONG_LINE = 2_000
"""A fifth of the page: shorter lines tell the slope badly."""
_FUZZY_FROM = 4
"""Labels this long are known with one letter misread."""
_ROWS_DOWN = 3
_LONGEST_SEAL = 30
_TRIMMED = " :;.,、_-—=为是("
_SIGNED = ("签", "章", "盖")
_SELF_EVIDENT = frozenset({Field.IDENTITY_NUMBER, Field.UNIT_CODE, Field.CERTIFICATE_NUMBER})
"""What is known for what it is without a label."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A value where it stands."""

    reading: Reading
    place: Place
    certainty: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A line with its normal text, where it stands on the upright page, and its row there.

    Its row is how far down it would stand on a page that does not lie askew.
    """

    line: TextLine
    text: str
    place: Place
    row: int


def lay_cells(paper: PaperText, *, from_certainty: int) -> tuple[Cell, ...]:
    """Give the lines as cells, page by page, rows from the top."""
    cells = []
    for page in sorted({line.place.page for line in paper.lines}):
        quarters = paper.turned[page - 1] if page <= len(paper.turned) else 0
        held = [
            (line, line.place.turned(quarters=quarters))
            for line in paper.lines
            if line.place.page == page and line.certainty >= from_certainty
        ]
        slope = _slope([place for _, place in held])
        cells += [
            Cell(line, normal_text(line.text), place, place.down - place.across * slope // _WHOLE)
            for line, place in held
        ]
    return tuple(sorted(cells, key=lambda cell: (cell.place.page, cell.row, cell.place.left)))


def find_sign(cells: Sequence[Cell], signs: Sequence[str]) -> Cell | None:
    """Give the first cell that holds one of the signs, an exact one before one misread."""
    for is_fuzzy, sign, cell in product((False, True), signs, cells):
        if any(True for _ in _occurrences(cell.text, sign, is_fuzzy=is_fuzzy)):
            return cell
    return None


def values_of(cells: Sequence[Cell], *, asked: FormField, form: Form) -> tuple[Stand, ...]:
    """Give every value that stands at one of the field's labels.

    Without any, what is known for what it is counts wherever it stands: a number with a check
    digit, a unit code, a certificate's number.
    """
    stops = {label for each in form.fields for label in each.labels} | set(BESIDE)
    ways = product((False, True), asked.labels) if asked.labels else ()
    found: list[Stand] = []
    for is_fuzzy, label in ways:
        # An exact label anywhere makes guessing at misread ones needless.
        if is_fuzzy and found:
            break
        inside = {stop for stop in stops if label in stop and stop != label}
        for cell in cells:
            for start in _occurrences(cell.text, label, is_fuzzy=is_fuzzy):
                # 建筑面积 within 套内建筑面积 is another label.
                if not any(_covers(cell.text, longer, start) for longer in inside):
                    end = start + len(label)
                    found += _read_at(cells, cell, start, end, asked=asked, form=form, stops=stops)
    if not found and asked.field in _SELF_EVIDENT:
        found = [stand for cell in cells for stand in _read(cell.text, (cell,), asked.field)]
    return tuple(found)


def _read_at(
    cells: Sequence[Cell],
    cell: Cell,
    start: int,
    end: int,
    *,
    asked: FormField,
    form: Form,
    stops: set[str],
) -> Iterator[Stand]:
    rest = cell.text[end:]
    if asked.field is Field.NAME and not _may_name(cell.text[:start], rest, form=form):
        return
    if rest.startswith("("):
        inside, _, rest = rest[1:].partition(")")
        if any(sign in inside for sign in _SIGNED):
            return
    beside = _until_stop(rest, stops).lstrip(_TRIMMED)
    found = tuple(_read(beside, (cell,), asked.field))
    if not found and _has_stop(rest, stops):
        return
    for more in (*_right_of(cells, cell, stops), *_below(cells, cell, stops)):
        if any(stand.reading.value is not None for stand in found):
            break
        own = _until_stop(more.text, stops)
        # A long code may run on in the next cell; else the next cell holds all of it.
        found = (
            (tuple(_read(beside + own, (cell, more), asked.field)) if beside else ())
            or found
            or tuple(_read(own, (more,), asked.field))
        )
    yield from found


def _read(text: str, held_in: tuple[Cell, ...], field: Field) -> Iterator[Stand]:
    for reading in read_values(text, field=field):
        certainty = min(cell.line.certainty for cell in held_in)
        yield Stand(reading, held_in[-1].line.place, certainty)


def _may_name(before: str, rest: str, *, form: Form) -> bool:
    """Whether a name may follow: not where the label is a word of a sentence."""
    if before and "\u4e00" <= before[-1] <= "\u9fff":
        return False
    if not form.is_prose or not rest:
        return True
    return rest.partition(")")[2].startswith(":") if rest[0] == "(" else rest[0] in ":;."


def _occurrences(text: str, label: str, *, is_fuzzy: bool) -> Iterator[int]:
    """Give where a label begins in a text; ``is_fuzzy``: with just one letter misread."""
    if not is_fuzzy:
        start = text.find(label)
        while start >= 0:
            yield start
            start = text.find(label, start + 1)
    elif len(label) >= _FUZZY_FROM:
        for start in range(len(text) - len(label) + 1):
            there = text[start : start + len(label)]
            if sum(map(ne, there, label)) == 1:
                yield start


def _covers(text: str, longer: str, start: int) -> bool:
    """Whether a longer label lies over the place where a shorter one was found."""
    return any(
        begins <= start < begins + len(longer)
        for begins in _occurrences(text, longer, is_fuzzy=False)
    )


def _until_stop(text: str, stops: set[str]) -> str:
    ends = [place for stop in stops if (place := text.find(stop)) >= 0]
    return text[: min(ends)] if ends else text


def _has_stop(text: str, stops: set[str]) -> bool:
    return any(stop in text for stop in stops)


def _right_of(cells: Sequence[Cell], cell: Cell, stops: set[str]) -> Iterator[Cell]:
    """Give what stands right of a cell in its row, nearest first, up to the next label.

    What a seal left between the two is passed by.
    """
    near = cell.place.height * 2 // 3
    right = [
        other
        for other in cells
        if other.place.page == cell.place.page
        and other is not cell
        and not _is_seal(other.text)
        and abs(other.row - cell.row) <= near
        and other.place.left >= cell.place.across
    ]
    for other in sorted(right, key=lambda other: other.place.left):
        if _begins_with_stop(other.text, stops):
            return
        yield other


def _below(cells: Sequence[Cell], cell: Cell, stops: set[str]) -> Iterator[Cell]:
    """Give the nearest cell below, unless it is a label itself."""
    below = [
        other
        for other in cells
        if other.place.page == cell.place.page
        and not _is_seal(other.text)
        and cell.place.height // 2 < other.row - cell.row <= cell.place.height * _ROWS_DOWN
        and other.place.left < cell.place.right
        and other.place.right > cell.place.left
    ]
    if below:
        nearest = min(below, key=lambda other: other.row)
        if not _begins_with_stop(nearest.text, stops):
            yield nearest


def _is_seal(text: str) -> bool:
    """Whether a line is what a seal pressed over the paper says."""
    return text.endswith("章") and len(text) <= _LONGEST_SEAL


def _begins_with_stop(text: str, stops: set[str]) -> bool:
    return any(text.startswith(stop) for stop in stops)


def _slope(places: Sequence[Place]) -> int:
    """Give how far a page's lines fall over its whole width, in ten-thousandths: the median."""
    falls = []
    for place in places:
        (left, top), (right, right_top) = place.corners[:2]
        if right - left >= _LONG_LINE:
            falls.append((right_top - top) * _WHOLE // (right - left))
    return sorted(falls)[len(falls) // 2] if falls else 0
