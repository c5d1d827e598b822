"""The findings of a pre-review: completeness first, then each value against what is known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from anju_rules.identifiers import check_certificate_number, check_identity_number, check_unit_code
from anju_rules.prereview.forms import FORMS, MATERIALS, Among, Form, FormField
from anju_rules.prereview.places import Cell, Stand, find_sign, lay_cells, values_of
from anju_rules.prereview.spelling import normal_text, show_value
from anju_rules.prereview.types import (
    Field,
    Known,
    PaperKind,
    PaperText,
    PointFinding,
    PreReview,
    Stance,
)
from anju_rules.values import Refusal

SURE = 850
"""From this certainty on, in thousandths, another value is called another value."""
READABLE = 500
"""Below this nothing that was read counts."""
_PAGE = re.compile(r"第([0-9]{1,3})页[,，/]?共([0-9]{1,3})页")
_MOST_SHOWN = 60


def review_paper(*, paper: PaperText, kind: PaperKind, known: Known) -> PreReview:
    """Hold a paper as it was read against its form and against what the case knows.

    Each finding cites a place or doubts; none of them decides, and what a paper *says* (that it
    is to be approved, that something is to be ignored) is text like any other. Source: PIPL 24.
    """
    form = FORMS[kind]
    cells = lay_cells(paper, from_certainty=READABLE)
    if not cells:
        findings: tuple[PointFinding, ...] = (
            _doubt("nothing-read", point="pages", clause=MATERIALS),
        )
    else:
        findings = (
            _judge_kind(cells, kind=kind, form=form),
            *_judge_pages(cells, pages=paper.pages),
            *_judge_parts(cells, form=form),
            *_judge_fields(cells, form=form, known=known),
        )
    return PreReview(kind=kind, reader=paper.reader, pages=paper.pages, findings=findings)


def _judge_kind(cells: Sequence[Cell], *, kind: PaperKind, form: Form) -> PointFinding:
    own = find_sign(cells, form.headings)
    if own is not None:
        return _cite("kind-found", point="kind", clause=MATERIALS, cell=own)
    for other, other_form in FORMS.items():
        held = find_sign(cells, other_form.headings) if other is not kind else None
        if held is not None:
            facts = {"read": other.value, "known": kind.value}
            return _doubt("other-kind", point="kind", clause=MATERIALS, cell=held, facts=facts)
    return _doubt("kind-not-found", point="kind", clause=MATERIALS)


def _judge_pages(cells: Sequence[Cell], *, pages: int) -> Iterator[PointFinding]:
    """Doubt for each page that the others count and that is not there."""
    numbered = [
        (cell, int(match[1]), int(match[2])) for cell in cells if (match := _PAGE.search(cell.text))
    ]
    if not numbered:
        return
    total = Counter(of for _, _, of in numbered).most_common(1)[0][0]
    there = {number for _, number, of in numbered if of == total}
    missing = [number for number in range(1, total + 1) if number not in there]
    # A page whose number could not be read may be any of those that seem to be missing.
    if pages >= total or not missing:
        yield _cite("pages-whole", point="pages", clause=MATERIALS, cell=numbered[0][0])
    else:
        facts = {"read": "、".join(map(str, missing))[:_MOST_SHOWN], "known": str(total)}
        cell = numbered[-1][0]
        yield _doubt("page-missing", point="pages", clause=MATERIALS, cell=cell, facts=facts)


def _judge_parts(cells: Sequence[Cell], *, form: Form) -> Iterator[PointFinding]:
    for part in form.parts:
        held = find_sign(cells, part.signs)
        if held is None:
            yield _doubt("part-missing", point=part.code, clause=part.clause)
        else:
            yield _cite("part-found", point=part.code, clause=part.clause, cell=held)


def _judge_fields(cells: Sequence[Cell], *, form: Form, known: Known) -> Iterator[PointFinding]:
    numbers: list[Stand] = []
    # Numbers before names: on a card the number says whose name must stand there.
    for asked in sorted(form.fields, key=lambda each: each.field is Field.NAME):
        stands = values_of(cells, asked=asked, form=form)
        if asked.field is Field.IDENTITY_NUMBER:
            numbers = list(stands)
        yield _judge_field(stands, asked=asked, known=known, numbers=numbers)


def _judge_field(
    stands: Sequence[Stand], *, asked: FormField, known: Known, numbers: Sequence[Stand]
) -> PointFinding:
    expected = _expected(asked, known=known, numbers=numbers)
    values = {stand.reading.value for stand in stands} - {None}
    if not stands:
        return _doubt(
            "not-found", point=asked.field, clause=asked.clause, facts=_told(asked, expected)
        )
    if not values:
        return _doubt_stand("malformed", stands[0], asked=asked, expected=expected)
    if asked.field is Field.VALID_UNTIL:
        return _judge_validity(stands, asked=asked, known=known)
    if not expected:
        return _judge_alone(stands, asked=asked, is_alone=len(values) == 1)
    missing, foreign = _compare(values, expected, among=asked.among)
    if not missing and not foreign:
        agreed = max(
            (stand for stand in stands if stand.reading.value in expected),
            key=lambda stand: stand.certainty,
        )
        return _cite_stand("agrees", agreed, asked=asked, expected=expected)
    odd = [stand for stand in stands if stand.reading.value in foreign] or list(stands)
    surest = max(odd, key=lambda stand: stand.certainty)
    if foreign and values & expected and asked.among is not Among.ALL:
        code = "several-values"
    elif surest.certainty < SURE:
        code = "not-certain"
    elif not foreign:
        code = "some-missing"
    else:
        code = "differs"
    return _doubt_stand(code, surest, asked=asked, expected=missing or expected)


def _compare(
    values: Collection[object], expected: Collection[object], *, among: Among
) -> tuple[set[object], set[object]]:
    """Give which of those expected are missing, and which values are foreign."""
    there, wanted = set(values), set(expected)
    if among is Among.ONE:
        return (set() if there & wanted else wanted), there - wanted
    if among is Among.ALL:
        return wanted - there, (there - wanted if wanted - there else set())
    return wanted - there, there - wanted


def _judge_alone(stands: Sequence[Stand], *, asked: FormField, is_alone: bool) -> PointFinding:
    """Judge a value that the case has nothing to hold against: is it there, and only once?"""
    if not is_alone and asked.among is not Among.ALL:
        return _doubt_stand("several-values", stands[-1], asked=asked, expected=())
    readable = next(stand for stand in stands if stand.reading.value is not None)
    return _cite_stand("read-only", readable, asked=asked, expected=())


def _judge_validity(stands: Sequence[Stand], *, asked: FormField, known: Known) -> PointFinding:
    ends = [stand for stand in stands if stand.reading.value is not None]
    last = max(ends, key=lambda stand: str(stand.reading.value))
    if known.today is not None and str(last.reading.value) < str(known.today):
        code = "expired" if last.certainty >= SURE else "not-certain"
        return _doubt_stand(code, last, asked=asked, expected=(known.today,))
    return _cite_stand("still-valid", last, asked=asked, expected=())


def _expected(asked: FormField, *, known: Known, numbers: Sequence[Stand]) -> frozenset[object]:
    """Give the values that the case knows for a field, in their normal spelling."""
    if asked.field is Field.NAME:
        read = {stand.reading.value for stand in numbers}
        people = known.people
        if asked.among is Among.ONE:
            # The number says whose card it is; the name must be that person's.
            people = (
                tuple(one for one in people if one.identity_number and one.identity_number in read)
                or people
            )
        return frozenset(normal_text(one.name) for one in people)
    single: dict[Field, object] = {
        Field.UNIT_CODE: known.unit_code and check_unit_code(known.unit_code).text,
        Field.CERTIFICATE_NUMBER: known.certificate_number
        and check_certificate_number(known.certificate_number).text,
        Field.AREA: known.area_sqm,
        Field.AMOUNT: known.amount_fen,
        Field.DATE: known.dated_on,
    }
    if asked.field is Field.IDENTITY_NUMBER:
        return _identity_numbers(known)
    value = single.get(asked.field)
    return frozenset() if value is None or value == "" else frozenset({value})


def _identity_numbers(known: Known) -> frozenset[object]:
    """Give the numbers of those who have one; a passport's is not looked for on paper."""
    numbers: set[object] = set()
    for one in known.people:
        with suppress(Refusal):
            numbers.add(check_identity_number(one.identity_number))
    return frozenset(numbers)


def _told(asked: FormField, expected: Collection[object]) -> dict[str, str]:
    shown = sorted(show_value(value, field=asked.field) for value in expected)
    return {"known": "、".join(shown)} if shown else {}


def _cite_stand(
    code: str, stand: Stand, *, asked: FormField, expected: Collection[object]
) -> PointFinding:
    return _of_stand(code, stand, asked=asked, expected=expected, stance=Stance.CITES)


def _doubt_stand(
    code: str, stand: Stand, *, asked: FormField, expected: Collection[object]
) -> PointFinding:
    return _of_stand(code, stand, asked=asked, expected=expected, stance=Stance.DOUBTS)


def _of_stand(
    code: str,
    stand: Stand,
    *,
    asked: FormField,
    expected: Collection[object],
    stance: Stance,
) -> PointFinding:
    return PointFinding(
        code=f"prereview.{code}",
        point=asked.field,
        stance=stance,
        clause=asked.clause,
        certainty=stand.certainty,
        place=stand.place,
        facts={"read": stand.reading.shown[:_MOST_SHOWN], **_told(asked, expected)},
    )


def _cite(code: str, *, point: str, clause: str, cell: Cell) -> PointFinding:
    return PointFinding(
        code=f"prereview.{code}",
        point=point,
        stance=Stance.CITES,
        clause=clause,
        certainty=cell.line.certainty,
        place=cell.line.place,
    )


def _doubt(
    code: str,
    *,
    point: str,
    clause: str,
    cell: Cell | None = None,
    facts: dict[str, str] | None = None,
) -> PointFinding:
    return PointFinding(
        code=f"prereview.{code}",
        point=point,
        stance=Stance.DOUBTS,
        clause=clause,
        certainty=cell.line.certainty if cell else 0,
        place=cell.line.place if cell else None,
        facts=facts or {},
    )
