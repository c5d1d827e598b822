"""Queued work: each task calls one operation or query, and may be run again after a crash."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from asgiref.sync import sync_to_async
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from anju.foundation.access.queries import actor_by_id
from anju.foundation.access.types import system_actor
from anju.foundation.casework.watching import raise_alerts, reckon_again, refold_cases
from anju.foundation.core.clock import read_clock
from anju.foundation.ledger.sequencing import make_partitions
from anju.jobs.departments import ask_departments
from anju.jobs.handed_over import open_titles_of_handed_over
from anju.jobs.identity import check_identities
from anju.jobs.notices import watch_notices
from anju.jobs.papers import prereview_paper
from anju.jobs.programme import keep_programme_counts
from anju.jobs.publishing import publish_verifier, publish_walls
from anju.jobs.queues import EXCHANGE, IMPORTS, NIGHTLY, PUBLISHING, READING
from anju.jobs.watching import watch_walls
from anju.resettlement.intake.operations import run_import as run_one_import
from anju.resettlement.projects.queries import list_projects
from anju.resettlement.selection.overdue import drop_unsigned
from anju.resettlement.selection.rebuild import compare_project
from anju.titles.cases.batches.running import run_batch
from anju.titles.cases.operations import (
    accept_silent_cases,
    note_lapsed_materials,
    release_lapsed_restrictions,
    warn_of_owed_materials,
)
from anju_rules.prereview.types import PaperKind
from anju_rules.values import Refusal

_AGAIN = RetryStrategy(max_attempts=5, wait=2, exponential_wait=2)
"""For what fails because something else was away; a file's own faults are an answer, no failure."""
_ASKING = "exchange.ask"
"""One run after the other: two would send every question twice."""
_WATCHING = "roots.watch"
"""A look that takes longer than a minute is not begun a second time."""
_IDENTITY = "identity.check"
_HANDED_OVER = "titles.handed-over"
_log = structlog.get_logger(__name__)


@app.task(name="imports.run", queue=IMPORTS, retry=_AGAIN)
def run_import(*, project_id: str, import_id: str, account_id: str) -> None:
    """Read and store an upload for the officer who sent it; a finished one is left as it is."""
    del project_id
    by = actor_by_id(account_id=UUID(account_id), request_id=import_id)
    run_one_import(import_id=UUID(import_id), by=by, at=read_clock())


@app.task(name="batches.run", queue=IMPORTS, retry=_AGAIN)
def run_title_batch(*, project_id: str, batch_id: str, account_id: str) -> None:
    """Take a community's batch in for whoever sent it; killed, it goes on where it was."""
    by = actor_by_id(account_id=UUID(account_id), request_id=batch_id)
    run_batch(project_id=UUID(project_id), batch_id=UUID(batch_id), by=by, at=read_clock())


@app.task(name="papers.prereview", queue=READING)
def prereview_one_paper(
    *, project_id: str, case_id: str, document_id: str, kind: str, account_id: str
) -> None:
    """Look at a paper for the officer who asked; again only if somebody asks again."""
    by = actor_by_id(account_id=UUID(account_id), request_id=f"prereview {document_id}")
    prereview_paper(
        project_id=UUID(project_id),
        case_id=UUID(case_id),
        document_id=UUID(document_id),
        kind=PaperKind(kind),
        by=by,
        at=read_clock(),
    )


@app.task(name="walls.publish", queue=PUBLISHING, retry=_AGAIN)
def publish_all_walls() -> None:
    """Write every wall that has changed, now and not in a moment."""
    publish_walls()


@app.periodic(cron="*/10 * * * *")
@app.task(name="certificates.verifier", queue=PUBLISHING, pass_context=False)
def publish_certificate_verifier(timestamp: int) -> None:
    """Put the page that checks certificates into the public folder, with the keys of now."""
    del timestamp
    publish_verifier(at=read_clock())


@app.periodic(cron="*/10 * * * *")
@app.task(name="notices.watch", queue=PUBLISHING, pass_context=False)
def watch_published_notices(timestamp: int) -> None:
    """Look at every notice that stands as a stranger would; lengthen and end those that are due."""
    del timestamp
    watch_notices(at=read_clock())


@app.periodic(cron="* * * * *")
@app.task(name="selection.drop-unsigned", queue=PUBLISHING, pass_context=False)
def drop_unsigned_namings(timestamp: int) -> None:
    """Let homes go that were named and not signed for in time; the desk may do it sooner."""
    del timestamp
    by = system_actor(request_id="selection.drop-unsigned")
    for project in list_projects():
        drop_unsigned(project_id=project.id, by=by, at=read_clock())


@app.periodic(cron="* * * * *")
@app.task(name="exchange.ask", queue=EXCHANGE, lock=_ASKING, queueing_lock=_ASKING)
def ask_due_departments(timestamp: int) -> None:
    """Send departments every question whose turn it is, first or again."""
    del timestamp
    ask_departments(at=read_clock())


@app.periodic(cron="* * * * *")
@app.task(name="roots.watch", queue=PUBLISHING, lock=_WATCHING, queueing_lock=_WATCHING)
def watch_roots(timestamp: int) -> None:
    """Hold every wall against tables and ledger; one that differs says so from then on."""
    del timestamp
    watch_walls(at=read_clock())


@app.periodic(cron="* * * * *")
@app.task(
    name="titles.handed-over", queue=PUBLISHING, lock=_HANDED_OVER, queueing_lock=_HANDED_OVER
)
def open_titles(timestamp: int) -> None:
    """Open the title case of every home that was handed over since."""
    del timestamp
    open_titles_of_handed_over(at=read_clock())


@app.periodic(cron="* * * * *")
@app.task(name="identity.check", queue=EXCHANGE, lock=_IDENTITY, queueing_lock=_IDENTITY)
def check_asked_identities(timestamp: int) -> None:
    """Ask the provider about everybody who wants to be checked from afar."""
    del timestamp
    check_identities(at=read_clock())


@app.periodic(cron="*/10 * * * *")
@app.task(name="casework.alerts", queue=PUBLISHING, pass_context=False)
def raise_casework_alerts(timestamp: int) -> None:
    """Raise the alerts of every clock that has climbed a rung; several workers raise each once."""
    del timestamp
    raise_alerts(by=system_actor(request_id="casework.alerts"), at=read_clock())


@app.periodic(cron="5 * * * *")
@app.task(name="titles.watch", queue=PUBLISHING, pass_context=False)
def watch_title_cases(timestamp: int) -> None:
    """Do what time does to title cases: silence accepts, what is owed or restricted lapses."""
    del timestamp
    by, at = system_actor(request_id="titles.watch"), read_clock()
    accept_silent_cases(by=by, at=at)
    warn_of_owed_materials(by=by, at=at)
    note_lapsed_materials(by=by, at=at)
    release_lapsed_restrictions(by=by, at=at)


@app.periodic(cron="7 1 * * *")
@app.task(name="casework.reckon", queue=NIGHTLY, pass_context=False)
def reckon_deadlines_again(timestamp: int) -> None:
    """Reckon what is provisional again: a holiday notice may have been loaded."""
    del timestamp
    reckon_again(by=system_actor(request_id="casework.reckon"), at=read_clock())


@app.periodic(cron="27 1 * * *")
@app.task(name="programme.count", queue=NIGHTLY, pass_context=False)
def count_programme(timestamp: int) -> None:
    """Keep this month's figures of the sixty-month plan, once."""
    del timestamp
    keep_programme_counts(at=read_clock())


@app.periodic(cron="37 3 * * *")
@app.task(name="casework.refold", queue=NIGHTLY, pass_context=False)
def compare_cases(timestamp: int) -> None:
    """Fold every case from its log again, and raise the alarm where a table says something else.

    Raises :class:`~anju_rules.values.Refusal` ``jobs.cases-differ``; nothing is mended.
    """
    del timestamp
    differences = refold_cases(by=system_actor(request_id="casework.refold"))
    for one in differences:
        _log.error("cases.differ", case=str(one.case_id), parts=",".join(one.parts))
    if differences:
        raise Refusal("jobs.cases-differ", cases=len(differences))


@app.periodic(cron="17 3 * * *")
@app.task(name="registers.compare", queue=NIGHTLY, pass_context=False)
def compare_registers(timestamp: int) -> None:
    """Rebuild each project's selection from the ledger, compare, and raise the alarm if it differs.

    Raises :class:`~anju_rules.values.Refusal` ``jobs.registers-differ``: the job then stands as
    failed, which is what the people on duty look at.
    """
    del timestamp
    differing = {}
    for project in list_projects():
        by = system_actor(request_id="registers.compare")
        differences = compare_project(project_id=project.id, by=by)
        if differences:
            differing[project.code] = len(differences)
            _log.error("registers.differ", project=project.code, differences=len(differences))
    if differing:
        raise Refusal("jobs.registers-differ", projects="、".join(sorted(differing)))


@app.periodic(cron="47 2 * * *")
@app.task(name="ledger.partitions", queue=NIGHTLY)
def make_ledger_partitions(timestamp: int) -> None:
    """Make the ledger's next months, before their entries come."""
    del timestamp
    make_partitions(first=read_clock().date())


@app.periodic(cron="* * * * *")
@app.task(name="jobs.rescue", queue=NIGHTLY, pass_context=True)
async def rescue_stalled(context: JobContext, timestamp: int) -> None:
    """Give the work of a worker that was killed to one that lives."""
    del timestamp
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED.total_seconds()):
        await manager.retry_job(job, retry_at=await sync_to_async(read_clock)())


_STALLED = timedelta(seconds=30)
