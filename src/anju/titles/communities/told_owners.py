"""The owners of a home as a clerk's table tells them: who they are, and whose share is what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from anju.foundation.exchange.faults import Fault
from anju.foundation.exchange.tables import Row
from anju.titles.communities.columns import fault_at
from anju.titles.communities.types import Person
from anju_rules.identifiers import check_credit_code, check_identity_number
from anju_rules.values import Refusal

JOINT = "共同共有"
"""Owned by all of them as a whole: no shares."""
_OF_OWNER = ("name", "paper", "identity_number", "share", "phone")
_SHARE = re.compile(r"([0-9]{1,9})\s*/\s*([0-9]{1,9})\Z")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*[%％]\Z")
_PART = re.compile(r"(?:0?\.[0-9]{1,9}|1(?:\.0+)?)\Z")
_OTHER_PAPER = re.compile(r"[0-9A-Za-z()（）-]{5,32}\Z")
_IDENTITY_PAPERS = frozenset({"", "身份证", "居民身份证"})
_CREDIT_PAPERS = frozenset({"统一社会信用代码", "营业执照"})
_CREDIT_LENGTH = 18


def read_people(rows: Sequence[Row], *, file: str) -> tuple[tuple[Person, ...], list[Fault]]:
    """Read the owners of one home, one a row.

    Decided here: papers hold; nobody owns a home twice; shares come to exactly the whole, or
    everybody says that they own it jointly, and has none.
    """
    people: list[Person] = []
    faults: list[Fault] = []
    for row in rows:
        told = {key: row.text(key) for key in _OF_OWNER}
        if not told["name"]:
            if any(told.values()):
                faults.append(fault_at(row, "name", "import.value-missing", file=file))
            elif row is not rows[0]:
                first = rows[0].number
                faults.append(
                    fault_at(
                        row,
                        "room",
                        "import.repeated",
                        value=row.text("room"),
                        file=file,
                        first_row=first,
                    )
                )
            continue
        number, found = _read_number(row, file=file)
        faults += found
        if (told["name"], number) in {(one.name, one.identity_number) for one in people} or (
            number and number in {one.identity_number for one in people}
        ):
            faults.append(
                fault_at(row, "name", "communities.owner-twice", value=told["name"], file=file)
            )
        people.append(
            Person(
                name=told["name"], identity_number=number, phone=told["phone"], share=told["share"]
            )
        )
    settled, found = _settle_shares(people, [row for row in rows if row.text("name")], file=file)
    return settled, faults + found


def read_share(told: str) -> Fraction:
    """Read a share: ``1/2``, ``50%``, ``0.5`` or ``1``; refuses with ``communities.share-unclear``.

    >>> read_share("1/2"), read_share("33.5%"), read_share("1")
    (Fraction(1, 2), Fraction(67, 200), Fraction(1, 1))
    """
    share = Fraction(0)
    if match := _SHARE.match(told):
        share = Fraction(int(match[1]), int(match[2])) if int(match[2]) else share
    elif match := _PERCENT.match(told):
        share = Fraction(match[1]) / 100
    elif _PART.match(told):
        share = Fraction(told)
    if not 0 < share <= 1:
        raise Refusal("communities.share-unclear", value=told)
    return share


def read_paper(told: str, *, paper: str = "") -> str:
    """Give the number of an owner's paper in its normal spelling; empty where none was told.

    Without the kind of paper an identity number is meant, or a company's credit code. Refuses with
    ``identifier.*`` and, for any other paper, ``communities.paper-unclear``.
    """
    if not told:
        return ""
    if paper in _CREDIT_PAPERS:
        return check_credit_code(told)
    if paper not in _IDENTITY_PAPERS:
        if _OTHER_PAPER.match(told) is None:
            raise Refusal("communities.paper-unclear")
        return told.upper()
    try:
        return check_identity_number(told)
    except Refusal:
        if paper or len(told) != _CREDIT_LENGTH:
            raise
        try:
            return check_credit_code(told)
        except Refusal:
            pass
        raise


def _read_number(row: Row, *, file: str) -> tuple[str, list[Fault]]:
    told = row.text("identity_number")
    try:
        return read_paper(told, paper=row.text("paper")), []
    except Refusal as refusal:
        facts = dict(refusal.facts)
        return "", [fault_at(row, "identity_number", refusal.code, value=told, file=file, **facts)]


def _settle_shares(
    people: Sequence[Person], rows: Sequence[Row], *, file: str
) -> tuple[tuple[Person, ...], list[Fault]]:
    """Give everybody's share as a fraction; who own jointly have none."""
    told = [one.share for one in people]
    if len(people) == 1 and told[0] == "":
        return (replace(people[0], share="1"),), []
    if len(people) > 1 and set(told) == {JOINT}:
        return tuple(replace(one, share="") for one in people), []
    shares: list[Fraction] = []
    faults: list[Fault] = []
    for row in rows:
        share = row.text("share")
        try:
            shares.append(read_share(share))
        except Refusal as refusal:
            is_missing = share in {"", JOINT}
            rule = "communities.share-missing" if is_missing else refusal.code
            faults.append(fault_at(row, "share", rule, value=share, file=file))
    if not faults and rows and sum(shares) != 1:
        total = str(sum(shares))
        rule = "communities.shares-not-whole"
        faults.append(fault_at(rows[0], "share", rule, file=file, total=total))
    if faults:
        return tuple(people), faults
    return tuple(
        replace(one, share=str(share)) for one, share in zip(people, shares, strict=True)
    ), []
