"""What a family states of itself, asked one question at a time; read back as a statement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from anju_rules.eligibility.sheet import Agreement, Claim, Statement
from anju_rules.identifiers import check_identity_number
from anju_rules.values import Refusal

LOW_INCOME = "is_low_income"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing to fill in."""

    name: str
    label: str
    kind: Literal["text", "lines", "date", "area", "choice"] = "text"
    hint: str = ""
    is_needed: bool = True
    options: tuple[tuple[str, str], ...] = ()
    """Of a choice: what is sent, and what is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactQuestion:
    """One question, on a page of its own."""

    title: str
    detail: str
    fields: tuple[Field, ...]


_AREA = re.compile(r"[0-9]{1,4}(\.[0-9]{1,2})?", re.ASCII)
"""Square metres, as people write them."""
QUESTIONS = (
    FactQuestion(
        title="家里哪几口人要安置？",
        detail="照户口簿抄身份证号，一人一行。第一行写房主（签协议的人）。",
        fields=(Field(name="people", label="身份证号，一人一行", kind="lines"),),
    ),
    FactQuestion(
        title="老房子在哪里，多大？",
        detail="照房产证抄。",
        fields=(
            Field(name="certificate", label="房产证号"),
            Field(name="area", label="面积（平方米）", kind="area"),
            Field(name="address", label="地址"),
        ),
    ),
    FactQuestion(
        title="补偿安置协议签了吗？",
        detail="照协议抄。还没有公证的，公证书编号先空着，公证以后再补。",
        fields=(
            Field(name="agreement", label="协议编号"),
            Field(name="signed_on", label="哪天签的", kind="date"),
            Field(name="notarial", label="公证书编号", is_needed=False),
        ),
    ),
    FactQuestion(
        title="您家现在住在老房子里吗？",
        detail="照实说就行。不住在里面，会上门看一看再定。",
        fields=(
            Field(
                name="lives_there",
                label="",
                kind="choice",
                options=((YES, "住在里面"), (NO, "没有住在里面")),
            ),
        ),
    ),
    FactQuestion(
        title="以前拿过安置房吗？",
        detail="家里有一个人拿过也算。隐瞒的，查出来要取消资格。",
        fields=(
            Field(
                name="resettled",
                label="",
                kind="choice",
                options=((NO, "没有拿过"), (YES, "拿过")),
            ),
        ),
    ),
    FactQuestion(
        title="家里有低保或者特困救助吗？",
        detail="有的话可以加分，名单上不会写出来。不想用也可以。",
        fields=(
            Field(
                name="low_income",
                label="",
                kind="choice",
                options=(
                    (Claim.UNCLAIMED.value, "没有"),
                    (Claim.CLAIMED.value, "有，算上"),
                    (Claim.WAIVED.value, "有，但不用算"),
                ),
            ),
        ),
    ),
)
NAMES = tuple(field.name for question in QUESTIONS for field in question.fields)
MOST = 2_000
"""Signs that one answer may have."""


def read_answers(form: Mapping[str, str]) -> dict[str, str]:
    """Give what was filled in so far."""
    return {name: form.get(name, "").strip()[:MOST] for name in NAMES}


def judge_answers(question: FactQuestion, answers: Mapping[str, str]) -> None:
    """Refuse what cannot be meant.

    ``web.answer-missing``, ``web.not-an-area``, ``web.not-a-date`` and ``identifier.*``.
    """
    for field in question.fields:
        told = answers[field.name]
        if not told:
            if field.is_needed:
                raise Refusal("web.answer-missing", field=field.label or question.title)
            continue
        if field.kind == "lines":
            _read_people(told)
        elif field.kind == "area":
            _read_area(told)
        elif field.kind == "date":
            _read_day(told)
        elif field.kind == "choice" and told not in {key for key, _ in field.options}:
            raise Refusal("web.answer-missing", field=question.title)


def statement_from(answers: Mapping[str, str]) -> Statement:
    """Give the statement that the answers make; refuses as :func:`judge_answers` does."""
    for question in QUESTIONS:
        judge_answers(question, answers)
    people = _read_people(answers["people"])
    return Statement(
        holder=people[0],
        people=people,
        agreement=Agreement(
            number=answers["agreement"],
            signed_on=_read_day(answers["signed_on"]),
            notarial_number=answers["notarial"],
        ),
        certificate=answers["certificate"],
        area_sqm=_read_area(answers["area"]),
        address=answers["address"],
        lives_there=answers["lives_there"] == YES,
        resettled_before=answers["resettled"] == YES,
        claims={LOW_INCOME: Claim(answers["low_income"])},
    )


def answers_from(statement: Statement) -> dict[str, str]:
    """Give the answers that make a statement, to be changed."""
    agreement = statement.agreement
    people = (statement.holder, *(one for one in statement.people if one != statement.holder))
    return {
        "people": "\n".join(one for one in people if one),
        "certificate": statement.certificate,
        "area": str(statement.area_sqm) if statement.area_sqm is not None else "",
        "address": statement.address,
        "agreement": agreement.number if agreement else "",
        "signed_on": agreement.signed_on.isoformat() if agreement and agreement.signed_on else "",
        "notarial": agreement.notarial_number if agreement else "",
        "lives_there": YES if statement.lives_there else NO,
        "resettled": YES if statement.resettled_before else NO,
        "low_income": statement.claims.get(LOW_INCOME, Claim.UNCLAIMED).value,
    }


def say_answer(field: Field, told: str) -> str:
    """Say an answer as the last look shows it."""
    if field.kind == "choice":
        return dict(field.options).get(told, "")
    return told or "（没有填）"


def _read_people(told: str) -> tuple[str, ...]:
    people = tuple(
        check_identity_number(line.strip()) for line in told.splitlines() if line.strip()
    )
    if not people:
        raise Refusal("web.answer-missing", field="身份证号")
    return tuple(dict.fromkeys(people))


def _read_area(told: str) -> Decimal:
    # As people write it: Decimal would read 1_0 and 1e2 too.
    if _AREA.fullmatch(told) is None or not Decimal(told):
        raise Refusal("web.not-an-area", value=told[:20])
    return Decimal(told)


def _read_day(told: str) -> date:
    try:
        day = date.fromisoformat(told)
    except ValueError:
        raise Refusal("web.not-a-date", value=told[:20]) from None
    if told != day.isoformat():  # only as browsers send a day: fromisoformat reads weeks too
        raise Refusal("web.not-a-date", value=told[:20])
    return day
