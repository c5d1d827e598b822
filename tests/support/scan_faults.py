"""What is wrong with the papers that people hand in: half of them nothing, the others one thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from stdnum.cn import ric

from anju_rules.prereview.forms import FORMS
from anju_rules.prereview.types import Field, Known, KnownPerson, PaperKind
from anju_rules.values import AreaSqm, Fen
from tests.support.scan_forms import DRAWN, MadePaper, make_known, make_person

_FAULTLESS = 50
_OTHER_KIND = 6
_LOST_PAGE = 14
"""In a hundred papers; the others have one field that differs or is empty."""


def make_paper(random: Random, *, kind: PaperKind | None = None) -> MadePaper:
    """Make a paper and its truth."""
    kind = kind or random.choice(list(PaperKind))
    known = make_known(random)
    luck = random.randrange(100)
    if luck < _FAULTLESS:
        return _draw(random, kind=kind, known=known, says=known, wrong={})
    if luck < _FAULTLESS + _OTHER_KIND:
        other = random.choice([each for each in PaperKind if each is not kind])
        drawn = DRAWN[other](known, random)
        images = tuple(sheet.image for sheet in drawn)
        return MadePaper(kind=kind, pages=images, known=known, truth={"kind": "other"})
    if luck < _FAULTLESS + _OTHER_KIND + _LOST_PAGE and kind in _PAGED:
        return _draw(random, kind=kind, known=known, says=known, wrong={}, loses_page=True)
    asked = random.choice([each.field for each in FORMS[kind].fields])
    if random.randrange(4) == 0 and asked in _EMPTIED:
        return _draw(
            random, kind=kind, known=known, says=_EMPTIED[asked](known), wrong={asked: "absent"}
        )
    says = _CHANGED[asked](known, random)
    word = "expired" if asked is Field.VALID_UNTIL else "differs"
    wrong: dict[str, str] = {asked: word}
    if kind is PaperKind.IDENTITY_CARD and asked is Field.IDENTITY_NUMBER:
        # A card with a stranger's number still bears an owner's name: only the number is wrong.
        wrong = {asked: word}
    return _draw(random, kind=kind, known=known, says=says, wrong=wrong)


_PAGED = frozenset(
    {PaperKind.PURCHASE_CONTRACT, PaperKind.SURVEY_REPORT, PaperKind.HOUSEHOLD_REGISTER}
)


def _draw(
    random: Random,
    *,
    kind: PaperKind,
    known: Known,
    says: Known,
    wrong: dict[str, str],
    loses_page: bool = False,
) -> MadePaper:
    sheets = DRAWN[kind](says, random)
    form = FORMS[kind]
    everything = {part.code for part in form.parts} | {each.field.value for each in form.fields}
    lost = 0
    if loses_page:
        # Of a family's book the head page: how many members there are, nobody outside knows.
        lost = 0 if kind is PaperKind.HOUSEHOLD_REGISTER else random.randrange(len(sheets))
        del sheets[lost]
    there = {point for sheet in sheets for point in sheet.points}
    truth = {"kind": "agrees"}
    fields = {each.field.value for each in form.fields}
    for point in sorted(everything):
        fine = "agrees" if point in fields else "there"
        truth[point] = wrong.get(point, fine) if point in there else "absent"
    if kind in _PAGED and kind is not PaperKind.HOUSEHOLD_REGISTER:
        truth["pages"] = "absent" if loses_page else "there"
    if loses_page and lost == 0 and kind is not PaperKind.HOUSEHOLD_REGISTER:
        # The heading went with the first page, and an officer would miss it too.
        truth["kind"] = "absent"
    images = tuple(sheet.image for sheet in sheets)
    return MadePaper(kind=kind, pages=images, known=known, truth=truth)


def _other_name(known: Known, random: Random) -> Known:
    first, *others = known.people
    named = make_person(random).name
    while named == first.name:
        named = make_person(random).name
    if random.randrange(2) and len(first.name) > 1:
        # One character only: what is hardest to see.
        named = first.name[:-1] + ("琳" if first.name[-1] != "琳" else "霖")
    return replace(known, people=(replace(first, name=named), *others))


def _other_number(known: Known, random: Random) -> Known:
    first, *others = known.people
    number = first.identity_number
    place = random.choice((9, 13, 14, 15, 16))
    turned = str((int(number[place]) + random.randrange(1, 9)) % 10)
    if place in {9, 13}:
        turned = "2" if number[place] == "1" else "1"
    body = number[:place] + turned + number[place + 1 : 17]
    holds = random.randrange(2)
    end = ric.calc_check_digit(f"{body}0") if holds else number[17]
    return replace(known, people=(replace(first, identity_number=body + end), *others))


def _other_unit(known: Known, random: Random) -> Known:
    place = random.choice((9, 16, 17, 18, 22, 23, 25, 26, 27))
    code = known.unit_code
    turned = str((int(code[place]) + random.randrange(1, 9)) % 10)
    return replace(known, unit_code=code[:place] + turned + code[place + 1 :])


def _other_certificate(known: Known, random: Random) -> Known:
    number = known.certificate_number
    turned = str((int(number[-2]) + random.randrange(1, 9)) % 10)
    return replace(known, certificate_number=f"{number[:-2]}{turned}号")


def _other_area(known: Known, random: Random) -> Known:
    more = AreaSqm((known.area_sqm or AreaSqm(0)) + random.choice((1, 10, -1)))  # type: ignore[arg-type]
    return replace(known, area_sqm=more)


def _other_amount(known: Known, random: Random) -> Known:
    more = random.choice((100, 9_000, 100_000, 1_000_000))
    return replace(known, amount_fen=Fen((known.amount_fen or 0) + more))


def _other_date(known: Known, random: Random) -> Known:
    day = known.dated_on
    return replace(known, dated_on=day and day + timedelta(days=random.choice((1, 30, 365))))


_CHANGED: dict[Field, Callable[[Known, Random], Known]] = {
    Field.NAME: _other_name,
    Field.IDENTITY_NUMBER: _other_number,
    Field.UNIT_CODE: _other_unit,
    Field.CERTIFICATE_NUMBER: _other_certificate,
    Field.AREA: _other_area,
    Field.AMOUNT: _other_amount,
    Field.DATE: _other_date,
    Field.VALID_UNTIL: lambda known, _: replace(known, today=None),
}


def _nobody(known: Known) -> Known:
    return replace(
        known,
        people=tuple(
            KnownPerson(name="", identity_number=one.identity_number) for one in known.people
        ),
    )


_EMPTIED: dict[Field, Callable[[Known], Known]] = {
    Field.NAME: _nobody,
    Field.UNIT_CODE: lambda known: replace(known, unit_code=""),
    Field.AREA: lambda known: replace(known, area_sqm=None),
    Field.AMOUNT: lambda known: replace(known, amount_fen=None),
    Field.DATE: lambda known: replace(known, dated_on=None),
}
