"""Votes on a version: which of them stands, and how many; called inside a transaction."""

from __future__ import annotations

from uuid import UUID

from django.db import connections
from django.db.models import Count, Q

from anju.foundation.casework.queries import procedure_of
from anju.resettlement.households.queries import count_households
from anju.resettlement.planning.models import ConsentRecord, VersionRecord
from anju.resettlement.planning.types import ConsentCount, ConsentLine
from anju_rules.hashing import canonical, digest

CONSENT, REACHED = "consent", "reached"
CONSENTING, HOUSEHOLDS = "households_consenting", "households"
"""How the procedure names the part and the whole of its share."""


def mark_of(*, version_id: UUID, code: str) -> str:
    """Give what the public list shows for a check code: SM3, so that nobody reads the code back."""
    return digest(canonical(["anju-consent-1", str(version_id), code])).hex()


def standing_votes(version: VersionRecord) -> list[ConsentRecord]:
    """Give the vote of each household that counts: its last one."""
    return list(
        ConsentRecord.objects.filter(project_id=version.project_id, version_id=version.id)
        .order_by("household_id", "-place")
        .distinct("household_id")
    )


def public_lines(version: VersionRecord) -> tuple[ConsentLine, ...]:
    """Give the public list, in the order of its marks, which say nothing of anybody."""
    lines = [ConsentLine(mark=vote.mark, is_for=vote.is_for) for vote in standing_votes(version)]
    return tuple(sorted(lines, key=lambda line: line.mark))


def digest_lines(lines: tuple[ConsentLine, ...]) -> str:
    """Give the digest of a public list, as the ledger's entry of the count names it."""
    return digest(canonical([[line.mark, line.is_for] for line in lines])).hex()


def count_votes(version: VersionRecord) -> ConsentCount:
    """Count a version's votes over all households of its project; a closed count stays."""
    needed = _needed_share(version)
    if version.counted_at is not None:
        return ConsentCount(
            households=version.households or 0,
            consenting=version.consenting or 0,
            refusing=version.refusing or 0,
            share=needed,
            is_closed=True,
            digest=version.consents_digest,
        )
    counted = ConsentRecord.objects.filter(
        project_id=version.project_id,
        id__in=ConsentRecord.objects.filter(project_id=version.project_id, version_id=version.id)
        .order_by("household_id", "-place")
        .distinct("household_id")
        .values("id"),
    ).aggregate(
        consenting=Count("id", filter=Q(is_for=True)),
        refusing=Count("id", filter=Q(is_for=False)),
    )
    return ConsentCount(
        households=count_households(project_id=version.project_id),
        consenting=counted["consenting"],
        refusing=counted["refusing"],
        share=needed,
        is_closed=False,
    )


def _needed_share(version: VersionRecord) -> tuple[int, int]:
    """Give the share that the procedure of the version's case asks for."""
    assert version.case_id is not None  # noqa: S101 - nobody votes on what was approved on paper
    procedure = procedure_of(project_id=version.project_id, case_id=version.case_id)
    outcome = procedure.steps[CONSENT].outcome(REACHED)
    assert outcome is not None  # noqa: S101 - the procedure is judged when it is stored
    assert outcome.threshold is not None  # noqa: S101
    return outcome.threshold.numerator, outcome.threshold.denominator


def hold_votes(version_id: UUID, *, household_id: UUID | None = None) -> None:
    """Let nobody vote on a version until the transaction ends; with a household, only it not."""
    with connections["default"].cursor() as cursor:
        kind = "_shared" if household_id else ""
        cursor.execute(
            f"SELECT pg_advisory_xact_lock{kind}(hashtextextended(%s, 0))",
            [f"planning.votes {version_id}"],
        )
        if household_id is not None:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"planning.vote {version_id} {household_id}"],
            )
