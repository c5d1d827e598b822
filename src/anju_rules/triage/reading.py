"""Reading kinds of blockers and a community's facts; every refusal names the path."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from anju_rules.area import LAW, is_within
from anju_rules.identifiers import check_unit_code
from anju_rules.policy.lines import read_basis, read_full_basis
from anju_rules.policy.table import PolicyTable, refuse_at
from anju_rules.procedures.reading import read_lines, read_words
from anju_rules.triage.types import (
    DISPUTE_CLAUSE,
    Blocker,
    BlockerKind,
    Community,
    Kinds,
    OwedBy,
    Remedy,
)
from anju_rules.values import AreaSqm, Fen, Refusal

AREA_QUESTION = "areas_within_bound"
"""Answered by the areas themselves where a home states both."""
DISPUTE_QUESTION = "ownership_undisputed"
_DISPUTED_LAND = "Z"


def read_kinds(table: Mapping[str, object]) -> dict[str, BlockerKind]:
    """Read the kinds of blockers, by code.

    Refuses with a ``policy.*`` code, or with ``triage.dispute-tolerated`` (a dispute that has a
    remedy or is separated), ``triage.no-way-out`` (any other kind without a remedy),
    ``triage.unknown-kind`` or ``triage.circle``.
    """
    top = PolicyTable(table, path="")
    kinds: dict[str, BlockerKind] = {}
    for place, line in enumerate(top.take_tables("kinds"), start=1):
        kind = _read_kind(line)
        if kind.code in kinds:
            refuse_at(f"kinds[{place}].code", "policy.duplicate", value=kind.code)
        kinds[kind.code] = kind
    top.close()
    for kind in kinds.values():
        for remedy in kind.remedies:
            for code in remedy.after:
                if code not in kinds:
                    raise Refusal("triage.unknown-kind", clause=remedy.basis.clause, kind=code)
                if kind.code in _resting_on(code, kinds):
                    raise Refusal("triage.circle", clause=remedy.basis.clause, kind=kind.code)
    return kinds


def _resting_on(code: str, kinds: Kinds) -> set[str]:
    """Give a kind, and every kind that it may have to wait for."""
    found: set[str] = set()
    waiting = [code]
    while waiting:
        one = waiting.pop()
        if one in found or one not in kinds:
            continue
        found.add(one)
        waiting += [before for remedy in kinds[one].remedies for before in remedy.after]
    return found


def _read_kind(table: PolicyTable) -> BlockerKind:
    kind = BlockerKind(
        code=table.take_word("code"),
        title=read_words(table),
        question=table.take_word("question"),
        owner=table.take_text("owner"),
        is_dispute=_flag(table, "is_dispute"),
        separates=_flag(table, "separates"),
        remedies=tuple(_read_remedy(line) for line in read_lines(table, "remedies")),
        basis=read_full_basis(table),
    )
    if kind.is_dispute and (kind.remedies or kind.separates):
        refuse_at(table.path, "triage.dispute-tolerated", clause=DISPUTE_CLAUSE, kind=kind.code)
    if not kind.is_dispute and not kind.remedies:
        refuse_at(table.path, "triage.no-way-out", kind=kind.code)
    table.close()
    return kind


def _flag(table: PolicyTable, key: str) -> bool:
    return table.take_flag(key) if table.has(key) else False


def _read_remedy(table: PolicyTable) -> Remedy:
    remedy = Remedy(
        code=table.take_word("code"),
        title=read_words(table),
        working_days=table.take_whole("working_days", at_least=1),
        staff_days=table.take_whole("staff_days", at_least=0),
        cost_fen=Fen(table.take_whole("cost_fen", at_least=0)),
        after=table.take_texts("after") if table.has("after") else (),
        basis=read_basis(table),
    )
    table.close()
    return remedy


def read_community(table: Mapping[str, object], *, kinds: Kinds) -> Community:
    """Find the blockers of a community in what is known of its buildings and homes.

    Each building answers the kinds' questions with yes or no; **a question without an answer is
    taken for blocked** until someone has answered it (``is_supposed``). Homes whose areas lie apart
    by more than the sales rules' bound, and homes on disputed land (parcel kind Z), are blocked
    whatever the building says. Refuses with a ``policy.*`` or ``identifier.*`` code.
    """
    top = PolicyTable(table, path="")
    code = top.take_word("code")
    homes: list[str] = []
    blockers: list[Blocker] = []
    for building in top.take_tables("buildings"):
        named = building.take_word("code")
        listed = [_read_home(line) for line in building.take_tables("homes")]
        numbers = frozenset(number for number, _, _ in listed)
        for number, _, _ in listed:
            if number in homes:
                refuse_at(building.path_of("homes"), "policy.duplicate", value=number)
            homes.append(number)
        owed_by = OwedBy.NOBODY
        if building.has("owed_by"):
            owed_by = OwedBy(building.take_one_of("owed_by", ("developer", "owner")))
        for kind in kinds.values():
            answer = building.take_flag(kind.question) if building.has(kind.question) else None
            struck = _struck_homes(kind, listed, answer=answer)
            homes_struck = numbers if struck is None else struck
            if homes_struck:
                blockers.append(
                    Blocker(
                        code=f"{named}/{kind.code}",
                        kind=kind.code,
                        homes=homes_struck,
                        owed_by=owed_by if kind.separates else OwedBy.NOBODY,
                        is_supposed=struck is None and answer is None,
                    )
                )
        building.close()
    top.close()
    return Community(code=code, homes=tuple(homes), blockers=tuple(blockers))


_Known = tuple[str, bool, bool | None]
"""A home's number, whether its land is disputed, and whether its areas agree (None: not told)."""


def _read_home(table: PolicyTable) -> _Known:
    number = table.take_text("number")
    disputed = False
    if table.has("unit_code"):
        kind = check_unit_code(table.take_text("unit_code")).parcel_kind
        disputed = kind.startswith(_DISPUTED_LAND)
    agrees: bool | None = None
    if table.has("contracted_sqm") and table.has("measured_sqm"):
        agrees = is_within(
            contracted_sqm=_take_area(table, "contracted_sqm"),
            registered_sqm=_take_area(table, "measured_sqm"),
            terms=LAW,
        )
    table.close()
    return number, disputed, agrees


def _take_area(table: PolicyTable, key: str) -> AreaSqm:
    area: Decimal = table.take_decimal(key)
    return AreaSqm(area)


def _struck_homes(
    kind: BlockerKind, listed: list[_Known], *, answer: bool | None
) -> frozenset[str] | None:
    """Give the homes that a kind strikes; None: all of them, since nobody has said otherwise."""
    if answer is False:
        return None
    is_measured = all(agrees is not None for _, _, agrees in listed)
    if answer is None and not (kind.question == AREA_QUESTION and is_measured):
        return None
    if kind.question == AREA_QUESTION:
        return frozenset(number for number, _, agrees in listed if agrees is False)
    if kind.question == DISPUTE_QUESTION:
        return frozenset(number for number, is_disputed, _ in listed if is_disputed)
    return frozenset()
