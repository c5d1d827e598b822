"""What households want and what they chose, as clerks' tables: wishes, and recorded choices."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from anju.foundation.exchange.cells import Column
from anju.foundation.exchange.faults import Fault, shown
from anju.foundation.exchange.sheets import Source, source_name
from anju.foundation.exchange.tables import Row, TableLayout, find_repeats, read_table
from anju_rules.replay import RecordedChoice
from anju_rules.values import HouseholdNumber, UnitNumber

MOST_WISHES = 1_000
MOST_HOMES_IN_A_WISH = 20
LARGEST_COUNT = 1_000_000_000
WISH_COLUMNS: Mapping[str, Column] = {
    column.key: column
    for column in (
        Column(key="household", header="", required=True),
        Column(key="rank", header="", kind="integer", required=True, least=1, most=MOST_WISHES),
        Column(key="homes", header="", required=True),
    )
}
CHOICE_COLUMNS: Mapping[str, Column] = {
    column.key: column
    for column in (
        Column(key="seq", header="", kind="integer", required=True, least=0, most=LARGEST_COUNT),
        Column(key="household", header="", required=True),
        Column(key="unit", header="", required=True),
        Column(key="lottery_number", header="", kind="integer", least=0, most=LARGEST_COUNT),
        Column(key="seconds", header="", kind="integer", least=0, most=LARGEST_COUNT),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WishTable:
    """Each household's wishes, first wish first; a wish is one home or several together."""

    wishes: Mapping[HouseholdNumber, tuple[tuple[UnitNumber, ...], ...]] = field(
        default_factory=dict
    )
    rows: Mapping[HouseholdNumber, int] = field(default_factory=dict)
    """The row of each household's last wish as the spreadsheet shows it."""
    rows_total: int = 0
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceTable:
    """Recorded choices in their order of ``seq``."""

    choices: tuple[RecordedChoice, ...] = ()
    faults: tuple[Fault, ...] = ()


def read_wishes(
    source: Source,
    *,
    layout: TableLayout,
    homes: Container[UnitNumber] | None,
    households: Container[HouseholdNumber] | None,
    file: str = "",
) -> WishTable:
    """Read wishes: household, rank (1 is the first), homes (several joined by ``+``).

    ``homes`` and ``households`` are the known ones; ``None`` leaves the check out, where their own
    table could not be read. Refused: an unknown home or household, one rank twice, a home twice in
    one wish. Ranks may leave gaps.
    """
    shown_file = file or source_name(source)
    columns = _columns(layout, WISH_COLUMNS)
    read = read_table(source, layout.spec(columns, may_be_empty=True), file=shown_file)
    faults = list(read.faults)
    ranked: dict[HouseholdNumber, dict[int, tuple[UnitNumber, ...]]] = {}
    for row in read.rows:
        household = HouseholdNumber(row.text("household"))
        wish = tuple(UnitNumber(part.strip()) for part in row.text("homes").split("+"))
        faults += _unknown(row, layout, "household", [household], households, file=shown_file)
        faults += _unknown(row, layout, "homes", wish, homes, file=shown_file)
        if "" in wish or len(wish) > MOST_HOMES_IN_A_WISH or len(set(wish)) < len(wish):
            faults.append(
                Fault(
                    file=shown_file,
                    row=row.number,
                    column=layout.columns["homes"],
                    value=shown(row.text("homes")),
                    rule="wishes.homes-unreadable",
                )
            )
        rank = row.values.get("rank")
        if isinstance(rank, int):
            ranked.setdefault(household, {})[rank] = wish
    pairs = ((row.number, f"{row.text('household')} / {row.values['rank']}") for row in read.rows)
    faults += find_repeats(pairs, file=shown_file, column=layout.columns["rank"])
    if faults:
        return WishTable(faults=tuple(sorted(faults, key=lambda fault: fault.row or 0)))
    return WishTable(
        wishes={
            household: tuple(wish for _, wish in sorted(wishes.items()))
            for household, wishes in ranked.items()
        },
        rows={HouseholdNumber(row.text("household")): row.number for row in read.rows},
        rows_total=len(read.rows),
    )


def read_choices(
    source: Source,
    *,
    layout: TableLayout,
    file: str = "",
) -> ChoiceTable:
    """Read recorded choices: seq, household, unit, and where known lottery number and seconds.

    They stay in the order in which they were written down, which is the order in which they are
    judged. Whether a choice was lawful, and whether its home and household exist at all, is not
    decided here: a record is evidence, and is read as it stands.
    """
    shown_file = file or source_name(source)
    columns = _columns(layout, CHOICE_COLUMNS)
    read = read_table(source, layout.spec(columns, may_be_empty=True), file=shown_file)
    choices = []
    for row in read.rows:
        household, unit = HouseholdNumber(row.text("household")), UnitNumber(row.text("unit"))
        seq, lottery_number, seconds = (
            value if isinstance(value := row.values.get(key), int) else None
            for key in ("seq", "lottery_number", "seconds")
        )
        choices.append(
            RecordedChoice(
                seq=seq or 0,
                household=household,
                unit=unit,
                lottery_number=lottery_number,
                seconds=seconds,
            )
        )
    if read.faults:
        return ChoiceTable(faults=read.faults)
    return ChoiceTable(choices=tuple(choices))


def _columns(layout: TableLayout, known: Mapping[str, Column]) -> list[Column]:
    return [
        Column(
            key=key,
            header=header,
            kind=known[key].kind,
            required=known[key].required,
            least=known[key].least,
            most=known[key].most,
        )
        for key, header in layout.columns.items()
    ]


def _unknown(
    row: Row,
    layout: TableLayout,
    key: str,
    names: Iterable[str],
    known: Container[str] | None,
    *,
    file: str,
) -> list[Fault]:
    """List the names that their own table does not hold."""
    what = "home" if key == "homes" else "household"
    return [
        Fault(
            file=file,
            row=row.number,
            column=layout.columns[key],
            value=shown(name),
            rule=f"import.unknown-{what}",
        )
        for name in names
        if name and known is not None and name not in known
    ]
