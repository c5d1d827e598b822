"""Which recording of a day of choosing is kept where: entered once, corrected, never changed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.db.utils import IntegrityError

from anju.foundation.ledger.queries import entries_of, read_body
from anju.jobs.publishing import publish_wall
from anju.jobs.watching import watch_walls
from anju.resettlement.selection.models import RecordingRecord
from anju.resettlement.selection.operations import recordings
from anju.resettlement.selection.operations.batches import close_batch, open_batch
from anju.resettlement.selection.operations.recordings import enter_recording
from anju.resettlement.selection.rebuild import compare_project
from anju.resettlement.selection.recordings import NewRecording, recordings_of, standing_record
from anju_rules.hashing import digest
from anju_rules.recordings import RecordingKind
from anju_rules.values import Refusal
from anju_rules.watching import WatchState
from tests.contexts.test_watching import serve_file
from tests.support.databases import Database
from tests.support.selections import AT, Selected, drawn_project, officer, play_turn

DAY = date(2026, 6, 1)
EVENING = AT + timedelta(hours=9)
FILM = NewRecording(
    batch=1,
    kind=RecordingKind.SELECTION,
    recorded_on=DAY,
    camera="1 号台",
    digest=digest(b"film").hex(),
    place="区档案馆 2026-17 卷 3 盘",
)
ACTION = "selection.recording.entered"


def play_batch(project: Selected, batch: int = 1) -> None:
    """Open a batch, let everybody choose, and close it."""
    open_batch(project_id=project.id, batch=batch, by=project.officer, at=AT)
    close_played(project)


def close_played(project: Selected) -> None:
    at = AT
    while True:
        at += timedelta(seconds=1)
        try:
            close_batch(project_id=project.id, by=project.officer, at=at)
        except Refusal:
            play_turn(project_id=project.id, by=project.officer, at=at)
        else:
            return


@pytest.fixture
def closed(database: Database) -> Selected:
    """Give a project whose first batch is through, on one day."""
    del database
    project = drawn_project()
    play_batch(project)
    return project


def enter(project: Selected, recording: NewRecording = FILM) -> UUID:
    return enter_recording(
        project_id=project.id, recording=recording, by=project.officer, at=EVENING
    )


def refused(project: Selected, **changed: object) -> str:
    with pytest.raises(Refusal) as told:
        enter(project, replace(FILM, **changed))  # type: ignore[arg-type]
    return told.value.code


def done(project: Selected) -> list[UUID]:
    """Give the entries of recordings that were entered."""
    return [
        entry.event_id
        for entry in entries_of(str(project.id))
        if entry.action == ACTION and entry.outcome == "done"
    ]


@pytest.mark.req("DLV-4")
def test_a_recording_of_a_closed_batch_is_entered_with_one_public_entry(closed: Selected) -> None:
    enter(closed)
    (row,) = recordings_of(project_id=closed.id)
    assert (row.batch, row.kind, row.camera) == (1, RecordingKind.SELECTION, "1 号台")
    assert (row.digest, row.place) == (FILM.digest, FILM.place)
    assert (row.kept_until, row.years) == (date(2041, 6, 1), 15)
    assert done(closed) == [row.event_id]
    entry = next(one for one in entries_of(str(closed.id)) if one.event_id == row.event_id)
    assert entry.action == ACTION
    body = read_body(event_id=row.event_id)
    assert body["digest"] == FILM.digest
    assert (body["kept_until"], body["clause"]) == ("2041-06-01", "plan/archive#1")


@pytest.mark.req("DLV-4")
def test_a_day_has_as_many_recordings_as_desks_and_cameras(closed: Selected) -> None:
    enter(closed)
    enter(closed, replace(FILM, camera="2 号台", digest=digest(b"second").hex()))
    enter(
        closed,
        replace(
            FILM,
            kind=RecordingKind.PROCESS,
            camera="  大厅\n 全景 ",
            digest=digest(b"hall").hex(),
        ),
    )
    told = [(row.kind.value, row.camera, row.years) for row in recordings_of(project_id=closed.id)]
    assert told == [
        ("selection", "1 号台", 15),
        ("selection", "2 号台", 15),
        ("process", "大厅 全景", 10),
    ]
    assert len(done(closed)) == 3


@pytest.mark.req("DLV-4")
def test_a_later_line_corrects_an_earlier_one_which_stays_readable(closed: Selected) -> None:
    first = enter(closed)
    second = enter(closed, replace(FILM, place="市档案馆 5 卷", corrects=first))
    third = enter(
        closed, replace(FILM, digest=digest(b"whole").hex(), place="市档案馆 5 卷", corrects=second)
    )
    (row,) = recordings_of(project_id=closed.id)
    assert (row.id, row.digest) == (third, digest(b"whole").hex())
    assert [(one.id, one.place) for one in row.corrected] == [
        (second, "市档案馆 5 卷"),
        (first, FILM.place),
    ]
    assert refused(closed, digest=digest(b"other").hex(), corrects=first) == (
        "selection.recording-corrected"
    )
    # What no line says any more may be entered anew.
    enter(closed, replace(FILM, camera="3 号台"))
    assert len(recordings_of(project_id=closed.id)) == 2


@pytest.mark.req("DLV-4")
def test_what_does_not_fit_is_refused_and_nothing_is_kept(closed: Selected) -> None:
    assert refused(closed, kind=RecordingKind.DRAW) == "selection.recording-kind"
    assert refused(closed, batch=99) == "selection.batch-unknown"
    assert refused(closed, batch=2) == "selection.recording-too-early"
    assert refused(closed, recorded_on=DAY + timedelta(days=1)) == "selection.recording-day"
    assert refused(closed, recorded_on=DAY - timedelta(days=1)) == "selection.recording-day"
    for text in ("", "   ", "字" * 41):
        assert refused(closed, camera=text) == "selection.recording-incomplete"
    for text in ("", "字" * 121):
        assert refused(closed, place=text) == "selection.recording-incomplete"
    assert refused(closed, place="王先生 13800138000 处") == "notices.personal-text"
    for told in ("", "ab" * 31, "AB" * 32, "zz" * 32):
        assert refused(closed, digest=told) == "value.not-a-digest"
    assert refused(closed, corrects=uuid4()) == "selection.recording-unknown"
    assert recordings_of(project_id=closed.id) == ()
    assert done(closed) == []
    # The control: the same line, unchanged, is taken; a second time it stands already.
    enter(closed)
    assert refused(closed, camera="2 号台") == "selection.recording-twice"
    open_batch(project_id=closed.id, batch=2, by=closed.officer, at=AT)
    assert refused(closed, batch=2) == "selection.recording-too-early"


@pytest.mark.req("DLV-4")
def test_only_who_runs_the_choosing_enters_recordings(closed: Selected) -> None:
    for role in ("notary", "supervisor", "representative"):
        with pytest.raises(Refusal) as told:
            enter_recording(project_id=closed.id, recording=FILM, by=officer(role), at=EVENING)
        assert told.value.code == "access.not-permitted", role
    assert recordings_of(project_id=closed.id) == ()


@pytest.mark.req("DLV-4")
@pytest.mark.parametrize("is_locked", [True, False])
def test_one_file_entered_twice_at_once_stands_once(
    database: Database, closed: Selected, monkeypatch: pytest.MonkeyPatch, *, is_locked: bool
) -> None:
    met = Barrier(2)

    def look_together(**told: Any) -> RecordingRecord | None:
        found = standing_record(**told)
        # Whoever has the lock waits here in vain; without it the two have both seen nothing.
        with suppress(BrokenBarrierError):
            met.wait(timeout=1 if is_locked else 20)
        return found

    monkeypatch.setattr(recordings, "standing_record", look_together)
    if not is_locked:
        monkeypatch.setattr(recordings, "_lock_closed_batches", lambda _: None)
    told = database.in_threads(
        [lambda: enter(closed), lambda: enter(closed, replace(FILM, camera="2 号台"))]
    )
    codes = [one.code for one in told if isinstance(one, Refusal)]
    assert codes == (["selection.recording-twice"] if is_locked else []), "or the control"
    assert len(recordings_of(project_id=closed.id)) == (1 if is_locked else 2)


@pytest.mark.req("DLV-4", "PUB-3")
def test_tables_ledger_and_wall_stay_one_and_a_changed_line_is_found(
    database: Database, closed: Selected
) -> None:
    first = enter(closed)
    enter(closed, replace(FILM, place="市档案馆 5 卷", corrects=first))
    code = closed.plan.project.code
    publish_wall(code)
    page = (Path(settings.PUBLIC_FOLDER) / "live" / code / "wall.html").read_text(encoding="utf-8")
    assert "2026 年 6 月 1 日拍摄。存于市档案馆 5 卷，至少保存到 2041 年 6 月 1 日" in page
    assert compare_project(project_id=closed.id, by=closed.officer) == []
    (found,) = watch_walls(at=EVENING + timedelta(minutes=5), fetch=serve_file).values()
    assert found is WatchState.OK
    with psycopg.connect(database.superuser_url) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            "UPDATE selection_recording SET digest = %s WHERE id = %s", ["00" * 32, first]
        )
    (difference,) = compare_project(project_id=closed.id, by=closed.officer)
    assert (difference.kind, difference.target) == ("recording", str(first))


@pytest.mark.req("DLV-4")
@pytest.mark.parametrize(
    "statement",
    ["UPDATE selection_recording SET place = 'x'", "DELETE FROM selection_recording"],
)
def test_a_line_is_never_changed_or_taken_away(closed: Selected, statement: str) -> None:
    enter(closed)
    with pytest.raises(IntegrityError, match="keeps what was"), connection.cursor() as cursor:
        cursor.execute(statement)
    assert len(recordings_of(project_id=closed.id)) == 1
