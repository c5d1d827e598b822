"""Title cases opened and moved inside the caller's operation; batches and hand-overs call it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError

from anju.foundation.access.types import Actor
from anju.foundation.casework.laying import lay_cases, standing_of
from anju.foundation.casework.queries import cases_by_id
from anju.foundation.casework.types import ActingAs, CaseRow, HandedIn, Opening
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.foundation.core.definitions import read_default_procedures
from anju.titles.cases.mapping import written_facts
from anju.titles.cases.models import TitleCaseRecord
from anju.titles.cases.types import COMMUNITY, FIRST, HOME, TRANSFERS, Kind
from anju.titles.communities.queries import community_by_id, homes_by_ids
from anju.titles.communities.types import HomeRow
from anju_rules.sheets import EXACT, round_fen
from anju_rules.values import Fact, Refusal

SERIES = "TTL"
SELLERS = frozenset({"developer", "district-officer"})
"""Who applies for the seller: the company itself, or the window that has its signed paper."""
_NO = ("is_allocated_land", "is_for_expropriated", "signed_early")
_OPEN_ONCE = ("titlecases_case_home_once", "titlecases_case_first_once")
_NOUGHT = ("further_copies", "compensation_fen", "land_price_fen")


def lay_title_case(
    *,
    project_id: UUID,
    home_id: UUID | None,
    household_id: UUID | None,
    kind: Kind,
    by: Actor,
    at: datetime,
    version: str = "",
    materials: Sequence[HandedIn] = (),
    facts: Mapping[str, Fact] | None = None,
    case_id: UUID | None = None,
    acting_as: ActingAs | None = None,
    alone_why: str = "",
    is_joint: bool = False,
) -> CaseRow:
    """File for a title: the developer's first registration, or an owner's transfer of one home.

    ``version`` is the procedure, by default the newest in force. ``facts`` add to what the
    community's file knows for the fees. ``case_id`` makes a repetition harmless: the same again
    gives the case as it stands. A transfer is applied for by both sides: ``is_joint`` says that
    the other side's signed paper lies here, ``alone_why`` why there is no other side.

    Refuses with ``titlecases.unknown-version``, ``titlecases.common-part`` (Civil Code 274),
    ``titlecases.no-owner``, ``titlecases.not-owner``, ``titlecases.titled-already``,
    ``titlecases.no-first-registration`` (none stands and none is filed: the two may be filed
    together), ``titlecases.nothing-to-register``, ``titlecases.open-already``, with what
    ``guarding`` refuses, ``communities.unknown-home`` and as
    :func:`~anju.foundation.casework.laying.lay_case` does.
    """
    filing = TitleFiling(
        home_id=home_id,
        household_id=household_id,
        materials=tuple(materials),
        facts=facts or {},
        case_id=case_id,
    )
    return lay_title_cases(
        project_id=project_id,
        filings=[filing],
        kind=kind,
        version=version,
        acting_as=acting_as,
        alone_why=alone_why,
        is_joint=is_joint,
        by=by,
        at=at,
    )[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleFiling:
    """One title that is filed for; see :func:`lay_title_case`."""

    home_id: UUID | None
    household_id: UUID | None
    materials: tuple[HandedIn, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    case_id: UUID | None = None


def lay_title_cases(
    *,
    project_id: UUID,
    filings: Sequence[TitleFiling],
    kind: Kind,
    by: Actor,
    at: datetime,
    version: str = "",
    acting_as: ActingAs | None = None,
    alone_why: str = "",
    is_joint: bool = False,
) -> tuple[CaseRow, ...]:
    """File for the titles of many homes of a community, in as many statements as for one.

    Gives the cases in the order of the filings. What is refused of one, as
    :func:`lay_title_case` refuses it, refuses all.
    """
    community = community_by_id(community_id=project_id)
    known = _known_cases(project_id, filings)
    fresh = [one for one in filings if one.case_id not in known]
    homes: dict[UUID, HomeRow] = {}
    if kind == "transfer":
        homes = _require_transferable(project_id, fresh)
    elif fresh:
        _require_first(project_id)
    procedure = version or newest_version(kind=kind, at=at)
    if procedure not in ((FIRST,) if kind == "first" else TRANSFERS):
        raise Refusal("titlecases.unknown-version", version=procedure)
    is_seller = by.role in SELLERS
    owners_signed = kind == "transfer" and (by.role != "developer" or is_joint)
    seller_signed = kind == "first" or by.role == "developer" or is_joint
    kept = []
    for one in fresh:
        home = homes[one.home_id] if kind == "transfer" and one.home_id is not None else None
        kept.append(
            TitleCaseRecord(
                project_id=project_id,
                id=one.case_id or new_id(),
                kind=kind,
                procedure=procedure,
                home_id=home.id if home else None,
                household_id=home.household_id if home else None,
                facts=written_facts({**_known_facts(home), **one.facts}),
                owner_signed_at=at if owners_signed else None,
                seller_signed_at=at if seller_signed else None,
                alone_why=alone_why.strip() if is_seller or by.kind != "household" else "",
                opened_at=at,
            )
        )
    # Before the cases themselves: what listens to their opening finds them here.
    try:
        TitleCaseRecord.objects.bulk_create(kept)
    except IntegrityError as error:
        # Two windows in one moment: the database lets one of them through.
        if any(name in str(error) for name in _OPEN_ONCE):
            raise Refusal("titlecases.open-already") from None
        raise
    opened = iter(
        lay_cases(
            project_id=project_id,
            procedure=procedure,
            subject_kind=HOME if kind == "transfer" else COMMUNITY,
            division=community.division,
            series=f"{community.code}-{SERIES}",
            openings=[
                Opening(
                    subject_id=record.home_id or project_id,
                    household_id=record.household_id,
                    materials=one.materials,
                    case_id=record.id,
                )
                for one, record in zip(fresh, kept, strict=True)
            ],
            by=by,
            at=at,
            acting_as=acting_as or applicant_standing(procedure, by),
        )
    )
    return tuple(known[one.case_id] if one.case_id in known else next(opened) for one in filings)


def _known_cases(project_id: UUID, filings: Sequence[TitleFiling]) -> dict[UUID | None, CaseRow]:
    """Give the cases that stand already under the ids of these filings, of the very same thing."""
    wanted = {one.case_id: one for one in filings if one.case_id is not None}
    found = cases_by_id(project_id=project_id, case_ids=list(wanted)) if wanted else {}
    known: dict[UUID | None, CaseRow] = {}
    for case_id, row in found.items():
        if row.subject_id != (wanted[case_id].home_id or project_id):
            raise Refusal("casework.case-differs", number=row.number)
        known[case_id] = row
    return known


def newest_version(*, kind: Kind, at: datetime) -> str:
    """Give the newest procedure that is in force on a day."""
    if kind == "first":
        return FIRST
    on, known = city_time(at).date(), read_default_procedures()
    return [code for code in TRANSFERS if known[code].effective_on <= on][-1]


def applicant_standing(procedure: str, by: Actor) -> ActingAs:
    """Give as what somebody files: the window as itself, everybody else for who applies."""
    definition = read_default_procedures()[procedure]
    standing = standing_of(by)
    if (standing.role, standing.tier) == (definition.intake_role, definition.intake_tier):
        return standing
    return ActingAs(role=definition.applicant_role, tier="outside")


def _require_transferable(project_id: UUID, filings: Sequence[TitleFiling]) -> dict[UUID, HomeRow]:
    """Give the homes that are filed for, each of which can be transferred to its owners."""
    wanted = [one.home_id for one in filings if one.home_id is not None]
    homes = homes_by_ids(project_id=project_id, home_ids=wanted)
    for one in filings:
        if one.home_id not in homes:
            raise Refusal("communities.unknown-home", home=one.home_id or "")
        _require_owners(homes[one.home_id], one.household_id)
    open_now = TitleCaseRecord.objects.filter(project_id=project_id, standing="open")
    is_open = set(open_now.filter(home_id__in=wanted).values_list("home_id", flat=True))
    for home_id in wanted:
        if home_id in is_open:
            raise Refusal("titlecases.open-already", home=homes[home_id].number)
        is_open.add(home_id)
    unregistered = [home for home in homes.values() if home.title_state == "none"]
    if unregistered and not is_first_filed(project_id):
        raise Refusal("titlecases.no-first-registration", home=unregistered[0].number)
    return homes


def _require_owners(home: HomeRow, household_id: UUID | None) -> None:
    if home.use == "common":
        raise Refusal("titlecases.common-part", clause="civil-code/274", home=home.number)
    if home.household_id is None:
        raise Refusal("titlecases.no-owner", home=home.number)
    if household_id is not None and household_id != home.household_id:
        raise Refusal("titlecases.not-owner", home=home.number)
    if home.title_state == "titled":
        raise Refusal("titlecases.titled-already", home=home.number)


def is_first_filed(project_id: UUID) -> bool:
    """Say whether a first registration of the community is on its way."""
    return TitleCaseRecord.objects.filter(
        project_id=project_id, kind="first", standing="open"
    ).exists()


def _require_first(project_id: UUID) -> None:
    if is_first_filed(project_id):
        raise Refusal("titlecases.open-already", home="")


def _known_facts(home: HomeRow | None) -> dict[str, Fact]:
    """Give what the community's file knows of a home; what is not said is no, or nought."""
    if home is None:
        return {}
    facts: dict[str, Fact] = {
        **dict.fromkeys(_NO, False),
        **dict.fromkeys(_NOUGHT, 0),
        "is_home": home.use == "home",
        "is_parking": home.use == "parking",
        "is_first_sale": home.title_state != "titled",
    }
    area, price = home.registered_sqm or home.contracted_sqm, home.price_fen_per_sqm
    if area is not None:
        facts["area_sqm"] = area
        if price is not None and (contracted := home.contracted_sqm or area):
            facts["price_fen"] = round_fen(EXACT.multiply(Decimal(price), contracted))
    return facts


def lock_title_case(*, project_id: UUID, case_id: UUID, is_open: bool = False) -> TitleCaseRecord:
    """Give a title case that nobody else changes until the transaction ends.

    Refuses with ``titlecases.unknown-case`` and, with ``is_open``, with ``titlecases.over``.
    """
    kept = (
        TitleCaseRecord.objects.select_for_update(no_key=True)
        .filter(project_id=project_id, id=case_id)
        .first()
    )
    if kept is None:
        raise Refusal("titlecases.unknown-case")
    if is_open and kept.standing != "open":
        raise Refusal("titlecases.over")
    return kept
