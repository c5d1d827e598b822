"""A list of communities as clerks keep it: one row a file to open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from anju.foundation.exchange.cells import CellValue, Column
from anju.foundation.exchange.faults import Fault, shown
from anju.foundation.exchange.sheets import Source
from anju.foundation.exchange.tables import Row, TableSpec, find_repeats, read_table
from anju.titles.communities.types import CommunityTerms
from anju_rules.identifiers import check_credit_code, check_unit_code
from anju_rules.values import Refusal

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_NOTHING = frozenset({"暂无信息", "无", "--", "—", "/"})
LIST_COLUMNS = (
    Column(key="code", header="编号", required=True),
    Column(key="name", header="小区名称", required=True),
    Column(key="division", header="区划代码", required=True),
    Column(key="address", header="地址", may_lack=True),
    Column(key="parcel", header="宗地代码", may_lack=True),
    Column(
        key="built_year",
        header="建成年份",
        kind="integer",
        may_lack=True,
        least=_FIRST_YEAR,
        most=_LAST_YEAR,
    ),
    Column(key="accepted_on", header="竣工验收", kind="date", may_lack=True),
    Column(key="handed_over_on", header="交付", kind="date", may_lack=True),
    Column(key="developer_name", header="开发企业", may_lack=True),
    Column(key="developer_credit", header="开发企业信用代码", may_lack=True),
    Column(key="manager_name", header="物业企业", may_lack=True),
    Column(key="manager_credit", header="物业企业信用代码", may_lack=True),
)
_HEADERS = {column.key: column.header for column in LIST_COLUMNS}
_DIVISION = re.compile(r"[0-9]{6}([0-9]{3}){0,2}\Z")
_CODE = re.compile(
    r"(?=.*[0-9A-Z\u4e00-\u9fff])[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff._-]*"
)
"""What an address carries; small letters alone are words of addresses themselves."""
_NO_BUILDING = "W00000000"
LONGEST_CODE = 24
_LONGEST = {
    "code": LONGEST_CODE,
    "name": 120,
    "address": 200,
    "developer_name": 120,
    "manager_name": 120,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CommunityList:
    """A list as read, by row, or the faults that forbid it."""

    terms: Mapping[int, CommunityTerms]
    rows_total: int
    faults: tuple[Fault, ...] = ()


def read_parcel(told: str) -> str:
    """Give a parcel's 19 characters in their normal spelling.

    Refuses with ``communities.parcel-length`` and ``identifier.unit-*``.

    >>> read_parcel("370105 012002 gb00001")
    '370105012002GB00001'
    """
    # A parcel has no code of its own beside those of its units: one of them is made of it.
    try:
        return check_unit_code(f"{told}{_NO_BUILDING}").text[: -len(_NO_BUILDING)]
    except Refusal as refusal:
        if refusal.code != "identifier.unit-length":
            raise
        # Told of the whole unit's length, nobody finds what is too long.
        length = int(str(refusal.facts["length"])) - len(_NO_BUILDING)
        raise Refusal("communities.parcel-length", clause=refusal.clause, length=length) from None


def is_division(told: str) -> bool:
    """Whether this is written as the code of a county, street or village is.

    >>> is_division("370105901"), is_division("3701"), is_division("３７０１０５")
    (True, False, False)
    """
    return _DIVISION.match(told) is not None


def find_fault(terms: CommunityTerms, *, on: date) -> Refusal | None:
    """Find what no file can say, read on a day: a code that no address carries, a text too long.

    Gives ``communities.terms-unclear``, ``.code-unclear``, ``.term-too-long``, ``.year-unclear``,
    or ``.day-ahead``; None where nothing is wrong.
    """
    if not terms.code.strip() or not terms.name.strip():
        return Refusal("communities.terms-unclear")
    for field, most in _LONGEST.items():
        if len(getattr(terms, field)) > most:
            return Refusal("communities.term-too-long", field=field, most=most)
    if _CODE.fullmatch(terms.code.strip()) is None:
        return Refusal("communities.code-unclear")
    if terms.built_year is not None and not _FIRST_YEAR <= terms.built_year <= on.year:
        return Refusal("communities.year-unclear", first=_FIRST_YEAR, last=on.year)
    days = {"accepted_on": terms.accepted_on, "handed_over_on": terms.handed_over_on}
    for field, day in days.items():
        if day is not None and day > on:
            return Refusal("communities.day-ahead", field=field, on=day.isoformat())
    return None


def read_list(source: Source, *, division: str, on: date, file: str) -> CommunityList:
    """Read a list of communities on a day, each in ``division`` or under it."""
    spec = TableSpec(columns=LIST_COLUMNS, null=_NOTHING, feet=("合计", "总计"))
    read = read_table(source, spec, file=file)
    faults = list(read.faults)
    terms: dict[int, CommunityTerms] = {}
    for row in read.rows:
        found = _faults_of(row, division=division, file=file)
        if not found:
            terms[row.number] = _terms_of(row.values)
            fault = find_fault(terms[row.number], on=on)
            if fault is not None:
                found = [_fault_of(row, fault, file=file)]
        faults += found
    codes = [(row.number, row.text("code")) for row in read.rows]
    faults += find_repeats(codes, file=file, column=_HEADERS["code"])
    ordered = tuple(sorted(faults, key=lambda fault: fault.row or 0))
    return CommunityList(terms={} if ordered else terms, rows_total=len(read.rows), faults=ordered)


def codes_taken(
    listed: CommunityList, *, known: Mapping[str, CommunityTerms], file: str
) -> tuple[list[CommunityTerms], tuple[Fault, ...]]:
    """Give what is new in a list, and a fault for each code whose file says something else.

    A file changes by itself, with a reason; a list only opens files.
    """
    fresh = [one for one in listed.terms.values() if one.code not in known]
    faults = tuple(
        _fault(row, "code", "communities.file-differs", value=one.code, file=file)
        for row, one in listed.terms.items()
        if one.code in known and known[one.code] != one
    )
    return fresh, faults


def _faults_of(row: Row, *, division: str, file: str) -> list[Fault]:
    told = row.text("division")
    faults = []
    if len(row.text("code")) > LONGEST_CODE:
        code = row.text("code")
        rule = "communities.code-too-long"
        faults.append(_fault(row.number, "code", rule, value=code, file=file, most=LONGEST_CODE))
    if not (is_division(told) and told.startswith(division)):
        rule = "communities.division-not-here"
        faults.append(
            _fault(row.number, "division", rule, value=told, file=file, division=division)
        )
    for key, check in _CHECKS.items():
        if not row.text(key):
            continue
        try:
            check(row.text(key))
        except Refusal as refusal:
            facts = dict(refusal.facts)
            faults.append(
                _fault(row.number, key, refusal.code, value=row.text(key), file=file, **facts)
            )
    return faults


def _fault_of(row: Row, refusal: Refusal, *, file: str) -> Fault:
    """Give a file's fault as the table's, at the cell that it is about."""
    facts = dict(refusal.facts)
    key = str(facts.get("field") or _SPEAKS_OF.get(refusal.code, "name"))
    told = row.values.get(key)
    if "field" in facts:
        facts["field"] = _HEADERS[key]
    value = "" if told is None else str(told)
    return _fault(row.number, key, refusal.code, value=value, file=file, **facts)


_SPEAKS_OF = {"communities.code-unclear": "code", "communities.year-unclear": "built_year"}
_CHECKS = {
    "parcel": read_parcel,
    "developer_credit": check_credit_code,
    "manager_credit": check_credit_code,
}


def _terms_of(values: Mapping[str, CellValue]) -> CommunityTerms:
    def text(key: str) -> str:
        told = values.get(key)
        return told if isinstance(told, str) else ""

    def day(key: str) -> date | None:
        told = values.get(key)
        return told if isinstance(told, date) else None

    year = values.get("built_year")
    return CommunityTerms(
        code=text("code"),
        name=text("name"),
        division=text("division"),
        address=text("address"),
        parcel=read_parcel(text("parcel")) if text("parcel") else "",
        built_year=year if isinstance(year, int) else None,
        accepted_on=day("accepted_on"),
        handed_over_on=day("handed_over_on"),
        developer_name=text("developer_name"),
        developer_credit=text("developer_credit") and check_credit_code(text("developer_credit")),
        manager_name=text("manager_name"),
        manager_credit=text("manager_credit") and check_credit_code(text("manager_credit")),
    )


def _fault(row: int, key: str, rule: str, *, value: str, file: str, **facts: object) -> Fault:
    return Fault(
        file=file, row=row, column=_HEADERS[key], value=shown(value), rule=rule, facts=facts
    )
