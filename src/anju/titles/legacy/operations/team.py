"""The emergency team in a vanished developer's place: its costs, and the archive it rebuilds."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import city_time
from anju.foundation.core.crypto import new_id
from anju.foundation.documents.queries import documents_of
from anju.titles.legacy.mapping import archive_from, expense_from
from anju.titles.legacy.models import ArchiveRecord, ExpenseRecord
from anju.titles.legacy.operations.keeping import lock_problem, read_words
from anju.titles.legacy.types import ArchiveRow, ExpenseRow, NewExpense
from anju_rules.values import Fen, Refusal

_COSTS = ("legacy/hubei-2024#7",)


@operation(permits="legacy.keep", action="legacy.expense.recorded", clauses=_COSTS)
def record_expense(*, project_id: UUID, expense: NewExpense, by: Actor, at: datetime) -> ExpenseRow:
    """Record what was spent in a developer's place, to be claimed from it.

    Refuses with ``legacy.unknown-problem``, ``legacy.facts-missing``, ``notices.personal-text``,
    ``legacy.amount-wrong`` and ``legacy.paid-in-future``.
    """
    lock_problem(project_id=project_id, blocker_id=expense.blocker_id)
    words = read_words(expense.words)
    if expense.amount_fen <= 0:
        raise Refusal("legacy.amount-wrong")
    if expense.paid_on > city_time(at).date():
        raise Refusal("legacy.paid-in-future", day=expense.paid_on)
    kept = ExpenseRecord.objects.create(
        project_id=project_id,
        id=new_id(),
        blocker_id=expense.blocker_id,
        spent_on=expense.spent_on,
        words=words,
        amount_fen=expense.amount_fen,
        paid_on=expense.paid_on,
        document_id=expense.document_id,
        recorded_by=by.id,
        recorded_at=at,
    )
    record(
        target=kept.id,
        project_id=project_id,
        body={
            "problem": str(expense.blocker_id),
            "spent_on": expense.spent_on,
            "words": words,
            "amount_fen": expense.amount_fen,
            "paid_on": expense.paid_on.isoformat(),
        },
    )
    return expense_from(kept)


@operation(permits="legacy.keep", action="legacy.expenses.claimed", clauses=_COSTS, signs=2)
def claim_expenses(
    *, project_id: UUID, claim: str, by: Actor, second: Actor, at: datetime
) -> list[ExpenseRow]:
    """Claim all that was recorded and not yet claimed; ``claim`` is the number of the letter.

    Refuses with ``legacy.facts-missing`` and ``legacy.nothing-to-claim``.
    """
    del by, second
    number = read_words(claim)
    kept = list(
        ExpenseRecord.objects.select_for_update()
        .filter(project_id=project_id, state="recorded")
        .order_by("paid_on", "id")
    )
    if not kept:
        raise Refusal("legacy.nothing-to-claim")
    for one in kept:
        one.state, one.claim, one.claimed_at = "claimed", number, at
    ExpenseRecord.objects.bulk_update(kept, ["state", "claim", "claimed_at"])
    record(
        target=project_id,
        project_id=project_id,
        body={
            "claim": number,
            "expenses": [[str(one.id), one.amount_fen] for one in kept],
            "sum_fen": sum(one.amount_fen for one in kept),
        },
    )
    return [expense_from(one) for one in kept]


@operation(permits="legacy.keep", action="legacy.expense.recovered", clauses=_COSTS)
def note_recovery(
    *, project_id: UUID, expense_id: UUID, amount_fen: Fen, by: Actor, at: datetime
) -> ExpenseRow:
    """Note what came back of a claimed cost.

    Refuses with ``legacy.unknown-expense`` and ``legacy.amount-wrong`` (nothing, or more than was
    spent).
    """
    del by, at
    kept = (
        ExpenseRecord.objects.select_for_update()
        .filter(project_id=project_id, id=expense_id)
        .exclude(state="recorded")
        .first()
    )
    if kept is None:
        raise Refusal("legacy.unknown-expense")
    whole = kept.recovered_fen + amount_fen
    if amount_fen <= 0 or whole > kept.amount_fen:
        raise Refusal("legacy.amount-wrong")
    kept.recovered_fen = whole
    kept.state = "recovered" if whole == kept.amount_fen else "claimed"
    kept.save(update_fields=["recovered_fen", "state"])
    record(
        target=expense_id,
        project_id=project_id,
        body={"came_fen": amount_fen, "recovered_fen": whole, "amount_fen": kept.amount_fen},
    )
    return expense_from(kept)


@operation(permits="legacy.keep", action="legacy.archive.entered", clauses=("legacy/archive#1",))
def enter_archive_item(
    *,
    project_id: UUID,
    blocker_id: UUID,
    paper: str,
    source: str,
    document_id: UUID,
    by: Actor,
    at: datetime,
) -> ArchiveRow:
    """Enter a paper of the rebuilt archive: which, from whom, and the digest of its file.

    The file lies with the problem's case. Refuses with ``legacy.unknown-problem``,
    ``legacy.no-case``, ``legacy.facts-missing``, ``notices.personal-text``, ``documents.unknown``
    and ``legacy.archived-already``.
    """
    problem = lock_problem(project_id=project_id, blocker_id=blocker_id)
    if problem.case_id is None:
        raise Refusal("legacy.no-case")
    papers = {
        one.id: one
        for one in documents_of(project_id=project_id, owner_kind="case", owner_id=problem.case_id)
    }
    if document_id not in papers:
        raise Refusal("documents.unknown")
    told = papers[document_id].digest
    same = ArchiveRecord.objects.filter(project_id=project_id, blocker_id=blocker_id, digest=told)
    if same.exists():
        raise Refusal("legacy.archived-already")
    kept = ArchiveRecord.objects.create(
        project_id=project_id,
        id=new_id(),
        blocker_id=blocker_id,
        paper=read_words(paper),
        source=read_words(source),
        document_id=document_id,
        digest=told,
        entered_by=by.id,
        entered_at=at,
    )
    record(
        target=kept.id,
        project_id=project_id,
        body={"paper": kept.paper, "source": kept.source, "digest": told},
    )
    return archive_from(kept)
