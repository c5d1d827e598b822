"""Identity checks from afar: the provider is asked about each owner, and the answer passed on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings

from anju.foundation.access.context import reading, sensitive_reading
from anju.foundation.access.types import Actor, system_actor
from anju.foundation.exchange.identity import IdentityChecker, known_checker
from anju.titles.cases.identity.operations import settle_identity_check
from anju.titles.cases.identity.queries import checks_to_ask
from anju.titles.cases.identity.types import IdentityCheckRow
from anju.titles.communities.queries import people_of
from anju.titles.communities.types import Person
from anju_rules.identity import IdentityQuestion, Outcome, judge_answers
from anju_rules.values import Refusal

_log = structlog.get_logger(__name__)


def check_identities(*, at: datetime, checker: IdentityChecker | None = None) -> int:
    """Ask about everybody who wants to be checked from afar; give how many were settled.

    Without a provider nobody is: the owners' page offers an officer. A provider that is away is
    asked again the next time.
    """
    by = system_actor(request_id="identity.check")
    asking = checker or known_checker(Path(settings.HOME))
    if asking is None:
        return 0
    with reading(by=by):
        waiting = checks_to_ask()
    settled = 0
    for row in waiting:
        try:
            outcome, method = _ask(row, asking, by=by, at=at)
            settle_identity_check(
                project_id=row.project_id,
                check_id=row.id,
                outcome=outcome,
                method=method,
                by=by,
                at=at,
            )
        except Refusal as refusal:
            _log.warning("identity.waits", check=str(row.id), code=refusal.code)
        else:
            settled += 1
    return settled


def _ask(
    row: IdentityCheckRow, checker: IdentityChecker, *, by: Actor, at: datetime
) -> tuple[Outcome, str]:
    answers = [
        checker(
            question=IdentityQuestion(
                id=f"{row.id}/{number}",
                name=person.name,
                identity_number=person.identity_number,
                asked_at=row.asked_at,
            )
        )
        for number, person in enumerate(_people(row.household_id, row, by=by, at=at), start=1)
        if person.identity_number
    ]
    method = answers[0].method if answers else "没有登记证件号，无法远程核验"
    return judge_answers([one.outcome for one in answers]), method


def _people(
    household_id: UUID, row: IdentityCheckRow, *, by: Actor, at: datetime
) -> tuple[Person, ...]:
    with sensitive_reading(
        by=by,
        permits="titles.identify",
        purpose="远程核验身份：本人已单独同意",
        target=str(row.id),
        household_id=household_id,
        project_id=row.project_id,
        at=at,
    ):
        return people_of(project_id=row.project_id, household_ids=[household_id])[household_id]
