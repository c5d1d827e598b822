"""What households state of themselves, and what departments say of them; for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from stdnum.cn import ric

from anju_rules.departments.kinds import QuestionKind
from anju_rules.eligibility.sheet import Agreement, Statement

ADDRESS = "泺口街道柳岸村12号"
Facts = dict[QuestionKind, dict[str, str]]


def person(place: int, *, born: str = "19700101") -> str:
    """Give somebody's identity number, with its check digit."""
    number = f"370105{born}{place:03d}"
    return number + str(ric.calc_check_digit(f"{number}0"))


def statement_of(place: int, **changes: object) -> Statement:
    """Give what an honest household of two states; ``changes`` say otherwise."""
    told = Statement(
        holder=person(place),
        people=(person(place), person(place + 500)),
        agreement=Agreement(
            number=f"XY-{place:04d}", signed_on=date(2026, 5, 20), notarial_number="（2026）鲁证001"
        ),
        certificate=f"鲁（2001）济南市不动产权第{place:07d}号",
        area_sqm=Decimal("62.50"),
        address=ADDRESS,
        lives_there=True,
    )
    return replace(told, **changes)  # type: ignore[arg-type]


def answers_to(statement: Statement, place: int) -> Facts:
    """Give what departments say of a household that states the truth."""
    return {
        QuestionKind.HOUSEHOLD_REGISTER: {
            "found": "yes",
            "household_number": f"H-{place}",
            "head_name": "王某",
            "head_identity_number": statement.holder,
            "address": f"济南市天桥区{ADDRESS}",
            "persons": str(len(statement.people)),
            "member_identity_numbers": ",".join(statement.people),
            "split_on": "",
        },
        QuestionKind.TITLE_RECORD: {
            "found": "yes",
            "title_number": f"鲁(2001)济南市不动产权第{place:07d}号",
            "holder_name": "王某",
            "holder_identity_number": statement.holder,
            "address": ADDRESS,
            "area_sqm": "62.50",
            "is_seized": "no",
        },
        QuestionKind.RESETTLEMENT_RECORD: {"found": "no"},
        QuestionKind.HARDSHIP_RECORD: {"found": "no"},
    }
