"""The last step: the title is entered in the register, and its certificate goes out with it."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor
from anju.foundation.casework.laying import lay_action
from anju.foundation.casework.types import CaseRow, NewAction
from anju.foundation.core.clock import city_time
from anju.titles.cases.guarding import on_own_page
from anju.titles.cases.laying import lock_title_case
from anju.titles.cases.models import TitleCaseRecord
from anju.titles.certificates.laying import ISSUE_ACTION, draw_up_certificate, lay_certificate
from anju.titles.certificates.types import Deed
from anju.titles.communities.queries import community_by_id, home_by_id, people_of
from anju.titles.communities.types import HomeRow, Person
from anju_rules.certificates.content import Ownership, RegistrationType, RightHolder
from anju_rules.masking import mask_identity_number
from anju_rules.procedures.states import ActionKind
from anju_rules.values import Refusal

ISSUE, ISSUED = "issue", "issued"
CLAUSE = "registration-rules/21"
_RIGHT = "国有建设用地使用权/房屋所有权"
_USES = {"home": "住宅", "parking": "车位", "shop": "商业", "common": "共有部分"}


@operation(permits="certificates.issue", action=ISSUE_ACTION, clauses=(CLAUSE,))
def issue_title(
    *,
    project_id: UUID,
    case_id: UUID,
    by: Actor,
    at: datetime,
    second: Actor | None = None,
    expects: int | None = None,
) -> CaseRow:
    """Enter an owner's title in the register, and issue its certificate in the same act.

    Refuses with ``titlecases.over``, ``titlecases.no-owner``, with all that a registration is
    refused for, as an act on the case is judged and as a certificate is drawn up.
    """
    kept = lock_title_case(project_id=project_id, case_id=case_id, is_open=True)
    if kept.home_id is None:
        raise Refusal("titlecases.not-a-transfer")
    act = NewAction(kind=ActionKind.DECIDE, step=ISSUE, outcome=ISSUED)
    with on_own_page():
        row = lay_action(
            project_id=project_id,
            case_id=case_id,
            act=act,
            by=by,
            second=second,
            at=at,
            expects=expects,
        )
    drawn = draw_up_certificate(
        project_id=project_id,
        household_id=kept.household_id,
        deed=_deed_of(kept, home=home_by_id(project_id=project_id, home_id=kept.home_id), at=at),
        at=at,
        case_id=case_id,
    )
    # This entry goes with the paper to strangers: it tells digests and random ids, and no words.
    receipt = record(
        target=case_id,
        project_id=project_id,
        household_id=kept.household_id,
        body=drawn.told,
    )
    lay_certificate(
        drawn=drawn,
        event_id=receipt.event_id,
        clause=CLAUSE,
        by=by,
        second=second,
        at=at,
    )
    return row


def _deed_of(kept: TitleCaseRecord, *, home: HomeRow, at: datetime) -> Deed:
    community = community_by_id(community_id=kept.project_id)
    area = home.registered_sqm or home.contracted_sqm
    owners = kept.household_id
    people = (
        people_of(project_id=kept.project_id, household_ids=[owners]).get(owners, ())
        if owners is not None
        else ()
    )
    if not people or area is None:
        raise Refusal("titlecases.no-owner", home=home.number)
    ownership, holders = _holders(people)
    return Deed(
        unit_code=home.unit_code,
        registration=RegistrationType.TRANSFER,
        registered_on=city_time(at).date(),
        right=_RIGHT,
        ownership=ownership,
        holders=holders,
        location=f"{community.terms.address}{community.name} {home.number}",
        use=_USES[home.use],
        area_sqm=area,
    )


def _holders(people: tuple[Person, ...]) -> tuple[Ownership, tuple[RightHolder, ...]]:
    """Give how the owners hold the home: alone, jointly, or by shares where each has one."""
    if len(people) == 1:
        ownership = Ownership.SOLE
    elif any(one.share != "1" for one in people):
        ownership = Ownership.SHARES
    else:
        ownership = Ownership.JOINT
    return ownership, tuple(
        RightHolder(
            name=one.name,
            masked_number=mask_identity_number(one.identity_number) if one.identity_number else "",
            share=Fraction(one.share) if ownership is Ownership.SHARES else None,
        )
        for one in people
    )
