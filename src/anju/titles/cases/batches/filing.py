"""Filing homes of a batch inside the caller's operation: found, compared, and filed together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.casework.types import HandedIn
from anju.foundation.documents.operations import (
    Arriving,
    Papers,
    StoredPapers,
    lay_papers,
    put_papers,
)
from anju.titles.cases.batches.checking import JudgedFile, JudgedRow
from anju.titles.cases.batches.types import BatchTerms, HomeEntry
from anju.titles.cases.laying import TitleFiling, lay_title_cases
from anju.titles.communities.queries import homes_of, people_of
from anju.titles.communities.types import HomeRow, Person
from anju_rules.hashing import digest, encode
from anju_rules.policy.types import plain
from anju_rules.values import Fact, Refusal


def batch_id_of(*, project_id: UUID, arrived_digest: str) -> UUID:
    """Give the id of a batch: the same bytes give the same id, and come in once."""
    made = digest(encode("anju-batch-1", project_id.bytes, arrived_digest))
    return UUID(bytes=made[:16], version=4)


def case_id_of(*, project_id: UUID, number: str, told: str) -> UUID:
    """Give the id of the case that a home is filed with: the same filing gives the same id."""
    made = digest(encode("anju-batch-case-1", project_id.bytes, number, told))
    return UUID(bytes=made[:16], version=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """What a community's file says when a batch begins: homes by number, owners by household.

    Read once for a whole batch. What may have changed since is asked again as a case is opened.
    """

    homes: Mapping[str, HomeRow]
    people: Mapping[UUID, tuple[Person, ...]] = field(repr=False)


def read_register(*, project_id: UUID) -> Register:
    """Read a community's homes and owners, in a few statements for all of them."""
    homes = homes_of(project_id=project_id)
    households = {home.household_id for home in homes if home.household_id is not None}
    return Register(
        homes={home.number: home for home in homes},
        people=people_of(project_id=project_id, household_ids=households),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyHome:
    """A row whose home and owners were found in the community's file."""

    judged: JudgedRow
    entry: HomeEntry
    home_id: UUID
    household_id: UUID
    case_id: UUID


def find_home(*, project_id: UUID, register: Register, judged: JudgedRow) -> ReadyHome:
    """Find the home of a row and hold what the row says against the community's file.

    Refuses with ``batches.home-unknown``, ``batches.unit-code-differs``, ``batches.home-titled``,
    ``batches.owner-unknown``, ``batches.owners-differ`` and ``batches.area-differs``.
    """
    entry = judged.report.entry
    if entry is None:
        raise Refusal("batches.row-unknown", row=judged.report.place)
    home = _find_home(register, entry)
    return ReadyHome(
        judged=judged,
        entry=entry,
        home_id=home.id,
        household_id=_require_owners(register, home, entry.people),
        case_id=case_id_of(
            project_id=project_id, number=judged.report.number, told=judged.report.digest
        ),
    )


def put_home_papers(
    *, project_id: UUID, homes: Sequence[ReadyHome], by: Actor, at: datetime
) -> tuple[StoredPapers, ...]:
    """Put the scans of homes in their place, sealed; their rows are written with their cases.

    Refuses like :func:`~anju.foundation.documents.operations.put_papers`.
    """
    return put_papers(
        project_id=project_id,
        owner_kind="case",
        papers=[
            Papers(
                owner_id=home.case_id,
                household_id=home.household_id,
                arriving=[
                    Arriving(name=file.name, content=file.content, clean=file.give_harmless)
                    for _, file in _files_of(home)
                ],
            )
            for home in homes
        ],
        channel="desk",
        by=by,
        at=at,
    )


def file_homes(
    *,
    project_id: UUID,
    terms: BatchTerms,
    homes: Sequence[tuple[ReadyHome, StoredPapers]],
    shared: Mapping[str, UUID],
    by: Actor,
    at: datetime,
) -> None:
    """File homes: the rows of their papers are written, their cases are opened.

    What is refused of one, as :func:`~anju.titles.cases.laying.lay_title_case` refuses it, refuses
    all.
    """
    lay_papers(stored=[papers for _, papers in homes])
    lay_title_cases(
        project_id=project_id,
        filings=[
            TitleFiling(
                home_id=home.home_id,
                household_id=home.household_id,
                materials=_materials_of(home, papers, shared),
                facts=_facts_of(home.entry, terms),
                case_id=home.case_id,
            )
            for home, papers in homes
        ],
        kind="transfer",
        version=terms.procedure,
        is_joint=True,
        by=by,
        at=at,
    )


def _files_of(home: ReadyHome) -> list[tuple[str, JudgedFile]]:
    return [(material, file) for material, ones in home.judged.files.items() for file in ones]


def _materials_of(
    home: ReadyHome, papers: StoredPapers, shared: Mapping[str, UUID]
) -> tuple[HandedIn, ...]:
    """Give what a home is filed with: its own papers, and those of all where it has none."""
    files = _files_of(home)
    brought = {material for material, _ in files}
    return (
        *(
            HandedIn(code=material, document_id=document)
            for material, document in shared.items()
            if material not in brought
        ),
        *(
            HandedIn(code=material, document_id=document.id)
            for (material, _), document in zip(files, papers.rows, strict=True)
        ),
    )


def _find_home(register: Register, entry: HomeEntry) -> HomeRow:
    home = register.homes.get(entry.number)
    if home is None:
        raise Refusal("batches.home-unknown", home=entry.number)
    if home.unit_code and home.unit_code != entry.unit_code:
        raise Refusal("batches.unit-code-differs", home=entry.number)
    if home.title_state == "titled":
        raise Refusal("batches.home-titled", home=entry.number)
    told, kept = entry.registered_sqm, home.registered_sqm
    if told is not None and kept is not None and told != kept:
        raise Refusal(
            "batches.area-differs", home=entry.number, told=plain(told), kept=plain(Decimal(kept))
        )
    return home


def _require_owners(register: Register, home: HomeRow, told: tuple[Person, ...]) -> UUID:
    """Hold the manifest's owners against those in the community's file, by name and number."""
    household_id = home.household_id
    kept = () if household_id is None else register.people.get(household_id, ())
    if household_id is None or not kept:
        raise Refusal("batches.owner-unknown", home=home.number)
    if sorted(one.name for one in kept) != sorted(one.name for one in told):
        raise Refusal("batches.owners-differ", home=home.number)
    numbers = {one.identity_number for one in kept if one.identity_number}
    if numbers and numbers != {one.identity_number for one in told}:
        raise Refusal("batches.owners-differ", home=home.number)
    return household_id


def _facts_of(entry: HomeEntry, terms: BatchTerms) -> dict[str, Fact]:
    facts: dict[str, Fact] = {
        "price_fen": int(entry.price_fen),
        "area_sqm": entry.registered_sqm or entry.contracted_sqm,
        "homes_owned": entry.homes_owned,
        "is_first_sale": terms.is_first_sale,
        "is_allocated_land": terms.is_allocated_land,
    }
    if terms.construction_cost_fen_per_sqm is not None:
        facts["construction_cost_fen_per_sqm"] = int(terms.construction_cost_fen_per_sqm)
    return facts
