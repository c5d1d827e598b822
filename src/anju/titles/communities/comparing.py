"""A clerk's table beside the file: what it adds and changes, and what it must not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from anju.foundation.casework.queries import subjects_in_cases
from anju.foundation.exchange.faults import Fault, shown
from anju.foundation.exchange.types import ImportCounts
from anju.titles.communities.changing import homes_being_registered
from anju.titles.communities.columns import HEADERS
from anju.titles.communities.mapping import content_index_of, identity_index_of
from anju.titles.communities.models import HomeRecord, OwnerRecord
from anju.titles.communities.queries import people_of
from anju.titles.communities.types import HomeChange, Person, SurveyedHome, TableHome
from anju_rules.values import Refusal

_ORDER = ("none", "first", "titled")
_REGISTERED = frozenset({"use", "unit_code", "registered_sqm"})
"""What the developer's first registration has put on the register."""
OWNERS = "owners"
_MAIN_COLUMN = {OWNERS: "name", "price_fen_per_sqm": "price"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedHome:
    """A home that stands in the file and of which a table tells something else."""

    record: HomeRecord
    values: Mapping[str, object]
    """Column → what it is to hold."""
    people: tuple[Person, ...]
    """Its owners where they are told anew, else nobody."""
    keeps_household: bool
    """Whether these owners are the household that owns it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a table does to the file."""

    added: tuple[TableHome, ...]
    changed: tuple[ChangedHome, ...]
    changes: tuple[HomeChange, ...]
    counts: ImportCounts
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """One home of a table, with what is different in it."""

    row: int
    record: HomeRecord
    values: Mapping[str, object]
    people: tuple[Person, ...] = ()
    keeps_household: bool = False


def compare_homes(
    *, project_id: UUID, homes: Sequence[TableHome], rows_total: int, file: str
) -> Compared:
    """Compare a table of homes with the file; inside a reading or an operation.

    An empty cell changes nothing. What must not change is a fault with its row: a home with a
    title or a case under way, and of a home with the first registration what is registered.
    """
    kept = {one.number: one for one in HomeRecord.objects.filter(project_id=project_id)}
    owners = _OwnersKept(project_id, kept.values())
    added, told = [], []
    for home in homes:
        record = kept.get(home.number)
        if record is None:
            added.append(home)
            continue
        values = _differing(record, _values_of(home))
        people = owners.told_anew(record, home.people)
        if values or people:
            keeps = bool(people) and owners.are_same(record, people)
            told.append(_Told(home.row, record, values, people, keeps))
    faults = [
        *_forbidden(project_id, told, file=file),
        *_codes_elsewhere(told, added, file=file),
        *(
            _fault(
                home.row,
                "name",
                "communities.titled-without-owner",
                file=file,
                value="",
                home=home.number,
            )
            for home in added
            if home.title_state == "titled" and not home.people
        ),
    ]
    return Compared(
        added=tuple(added),
        changed=_changed(told),
        changes=_changes(told, added),
        counts=ImportCounts(
            rows_total=rows_total,
            added=len(added),
            changed=len(told),
            unchanged=len(homes) - len(added) - len(told),
            staying=len(kept.keys() - {home.number for home in homes}),
        ),
        faults=_in_order(faults),
    )


def compare_survey(
    *, project_id: UUID, homes: Sequence[SurveyedHome], rows_total: int, file: str
) -> Compared:
    """Compare a survey with the file; inside a reading or an operation.

    A survey adds no home and takes no code away: a home it does not find, and one whose code and
    number name two homes, is a fault.
    """
    kept = list(HomeRecord.objects.filter(project_id=project_id))
    by_number = {one.number: one for one in kept}
    by_code = {one.unit_code: one for one in kept if one.unit_code}
    faults: list[Fault] = []
    told: list[_Told] = []
    named: dict[UUID, int] = {}
    for home in homes:
        try:
            record = _surveyed(home, by_number, by_code)
        except Refusal as refusal:
            faults.append(
                _fault(
                    home.row,
                    "unit_code",
                    refusal.code,
                    file=file,
                    value=str(refusal.facts["value"]),
                )
            )
            continue
        first_row = named.setdefault(record.id, home.row)
        if first_row != home.row:
            faults.append(
                _fault(
                    home.row,
                    "room",
                    "import.repeated",
                    file=file,
                    value=record.number,
                    first_row=first_row,
                )
            )
            continue
        values = _differing(
            record,
            {
                "floor": home.floor,
                "unit_code": home.unit_code,
                "registered_sqm": home.registered_sqm,
            },
        )
        if values:
            told.append(_Told(home.row, record, values))
    faults += _forbidden(project_id, told, file=file)
    faults += _codes_elsewhere(told, (), file=file)
    return Compared(
        added=(),
        changed=_changed(told),
        changes=_changes(told, ()),
        counts=ImportCounts(
            rows_total=rows_total,
            changed=len(told),
            unchanged=len(homes) - len(told),
            staying=len(kept) - len(named),
        ),
        faults=_in_order(faults),
    )


class _OwnersKept:
    """The owners of a file's homes, compared by index; opened only where that does not tell."""

    def __init__(self, project_id: UUID, records: Iterable[HomeRecord]) -> None:
        self._project_id = project_id
        self._owners = {one.id: one for one in OwnerRecord.objects.filter(project_id=project_id)}
        self._homes: dict[UUID, int] = {}
        for record in records:
            if record.household_id is not None:
                self._homes[record.household_id] = self._homes.get(record.household_id, 0) + 1

    def told_anew(self, record: HomeRecord, people: tuple[Person, ...]) -> tuple[Person, ...]:
        """Give the owners told, or nobody where they stand so already or none were told."""
        kept = self._owners.get(record.household_id) if record.household_id else None
        if not people or kept is None:
            return people
        content = content_index_of(kept.id, people)
        return () if bytes(kept.content_index) == content else people

    def are_same(self, record: HomeRecord, people: tuple[Person, ...]) -> bool:
        """Whether these are the persons who own it now, so that account and cases go on.

        Other persons, and other shares in one of several homes, are another household.
        """
        kept = self._owners.get(record.household_id) if record.household_id else None
        if kept is None:
            return False
        index = identity_index_of(self._project_id, people)
        if index is not None and index == bytes(kept.identity_index or b""):
            return True
        if self._homes.get(kept.id, 0) > 1:
            return False
        opened = people_of(project_id=self._project_id, household_ids=[kept.id])[kept.id]
        return bool(opened) and _who(opened, people) == _who(people, opened)


def _who(people: Sequence[Person], others: Sequence[Person]) -> list[str]:
    """Give who they are: by their numbers where both sides have them, else by name."""
    by_number = all(one.identity_number for one in (*people, *others))
    return sorted(one.identity_number if by_number else one.name for one in people)


def _values_of(home: TableHome) -> dict[str, object]:
    return {
        "use": home.use,
        "floor": home.floor,
        "unit_code": home.unit_code,
        "contracted_sqm": home.contracted_sqm,
        "price_fen_per_sqm": home.price_fen_per_sqm,
        "title_state": home.title_state,
    }


def _differing(record: HomeRecord, told: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value
        for name, value in told.items()
        if value is not None and value != "" and value != getattr(record, name)
    }


def _surveyed(
    home: SurveyedHome, by_number: Mapping[str, HomeRecord], by_code: Mapping[str, HomeRecord]
) -> HomeRecord:
    """Find the home that a survey's row names."""
    found = by_code.get(home.unit_code) if home.unit_code else None
    named = by_number.get(home.number) if home.number else None
    if home.number and named is None:
        raise Refusal("communities.unknown-home", value=home.number)
    if found is None and named is None:
        raise Refusal("communities.unknown-home", value=home.unit_code)
    if found is not None and named is not None and found.id != named.id:
        raise Refusal("communities.survey-names-two", value=home.unit_code)
    if found is None and named is not None and home.unit_code and named.unit_code:
        raise Refusal("communities.survey-other-code", value=home.unit_code)
    record = found or named
    assert record is not None  # noqa: S101 - one of them was found above
    return record


def _forbidden(project_id: UUID, told: Sequence[_Told], *, file: str) -> list[Fault]:
    """List what these changes must not touch."""
    ids = [one.record.id for one in told]
    held = subjects_in_cases(project_id=project_id, subject_ids=ids)
    registering = homes_being_registered(project_id=project_id, home_ids=ids)
    faults = []
    for one in told:
        state = one.record.title_state
        names = [*one.values, *([OWNERS] if one.people else [])]
        column = _MAIN_COLUMN.get(names[0], names[0])
        said = one.values.get("title_state")
        fills = {name for name in names if _fills_a_gap(one.record, name)}
        number = one.record.number
        rule = ""
        if state == "titled":
            rule = "communities.home-titled"
        elif one.record.id in held and set(names) - (fills & {"registered_sqm"}):
            rule = "communities.title-under-way"
        elif one.record.id in registering and (
            said is not None or (set(names) - fills) & _REGISTERED
        ):
            rule = "communities.first-under-way"
        elif state == "first" and (set(names) - fills) & _REGISTERED:
            rule = "communities.home-registered"
        elif isinstance(said, str) and _ORDER.index(said) < _ORDER.index(state):
            rule = "communities.state-backwards"
        elif said == "titled" and not (one.people or one.record.household_id):
            rule = "communities.titled-without-owner"
        if rule:
            faults.append(_fault(one.row, column, rule, file=file, value=number, home=number))
    return faults


def _fills_a_gap(record: HomeRecord, name: str) -> bool:
    return name != OWNERS and getattr(record, name) in {None, ""}


def _codes_elsewhere(
    told: Sequence[_Told], added: Iterable[TableHome], *, file: str
) -> list[Fault]:
    """List codes that stand at another home, here or in another community, and stay there."""
    rows = {str(one.values["unit_code"]): one.row for one in told if "unit_code" in one.values}
    rows |= {home.unit_code: home.row for home in added if home.unit_code}
    gives_up = {one.record.id for one in told if "unit_code" in one.values}
    holders = HomeRecord.objects.filter(unit_code__in=list(rows)).exclude(id__in=gives_up)
    return [
        _fault(
            rows[holder.unit_code],
            "unit_code",
            "communities.code-elsewhere",
            file=file,
            value=holder.unit_code,
        )
        for holder in holders
    ]


def _changed(told: Sequence[_Told]) -> tuple[ChangedHome, ...]:
    return tuple(
        ChangedHome(
            record=one.record,
            values=one.values,
            people=one.people,
            keeps_household=one.keeps_household,
        )
        for one in told
    )


def _changes(told: Sequence[_Told], added: Collection[TableHome]) -> tuple[HomeChange, ...]:
    changed = [
        HomeChange(
            number=one.record.number,
            is_new=False,
            terms={
                **{
                    name: (_as_text(getattr(one.record, name)), _as_text(value))
                    for name, value in one.values.items()
                },
                **({OWNERS: ("", "")} if one.people else {}),
            },
        )
        for one in told
    ]
    new = [HomeChange(number=home.number, is_new=True, terms={}) for home in added]
    return (*changed, *new)


def _as_text(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else str(value)


def _fault(row: int, key: str, rule: str, *, file: str, value: object, **facts: object) -> Fault:
    return Fault(
        file=file,
        row=row,
        column=HEADERS.get(key, ""),
        value=shown(value),
        rule=rule,
        facts=facts,
    )


def _in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(faults, key=lambda fault: fault.row or 0))
