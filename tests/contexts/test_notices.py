"""Notices on the database: what was shown, when it was really seen, and that nobody changes it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.conf import settings

from anju.foundation.access.operations import operation, record
from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.foundation.ledger.keys import is_signed, read_log_key
from anju.foundation.ledger.queries import entries_of, read_body
from anju.foundation.ledger.sequencing import drain_inbox
from anju.foundation.ledger.signing import Signer
from anju.foundation.notices import operations
from anju.foundation.notices.copies import folder_of, is_signature, signed_text
from anju.foundation.notices.operations import (
    close_notice,
    confirm_visible,
    lay_notice,
    lay_objection,
    publish_notice,
    tell_publication,
    tie_entry,
    withdraw_notice,
)
from anju.foundation.notices.queries import (
    is_over,
    missed_days_noted,
    notices_of_subject,
    standing_of,
    unfinished_notices,
)
from anju.foundation.notices.sights import Fetch, look_at_copy
from anju.foundation.notices.types import (
    NewAnnex,
    NewNotice,
    NoticeRow,
    NoticeStanding,
    SightFault,
)
from anju.jobs import notices as jobs
from anju.jobs.notices import fetch_page, watch_notices
from anju_rules.hashing import canonical, digest
from anju_rules.ledger import commit_body, hash_entry
from anju_rules.merkle import verify_inclusion
from anju_rules.notes import open_note
from anju_rules.notices import NoticeState, Term
from anju_rules.values import Refusal
from tests.support.access import SYSTEM, open_officer, open_scope, open_tier
from tests.support.databases import Database
from tests.support.notices import (
    DAY,
    PUBLISHED_AT,
    nobody_answers,
    nothing_there,
    notice,
    served,
    watch,
)
from tests.support.peaks import serve_peak
from tests.support.running import wait_until

STREET = "370102001"


@pytest.fixture
def officer(database: Database) -> Actor:
    """A street officer, with one project in sight."""
    assert database.name
    organisation_id = open_tier(STREET)
    open_scope(STREET)
    return open_officer("street", role="street-officer", organisation_id=organisation_id).actor


def project_of(officer: Actor) -> UUID:
    assert officer.projects
    return next(iter(officer.projects))


def publish(officer: Actor, told: NewNotice | None = None) -> NoticeRow:
    return publish_notice(
        project_id=project_of(officer), notice=told or notice(), by=officer, at=PUBLISHED_AT
    )


def standing(row: NoticeRow, *, days: int = 0) -> NoticeStanding:
    return standing_of(project_id=row.project_id, notice_id=row.id, at=PUBLISHED_AT + days * DAY)


def take_away(row: NoticeRow) -> None:
    for file in folder_of(row.digest).iterdir():
        file.unlink()


@pytest.mark.req("PUB-2")
def test_a_notice_runs_from_the_day_it_was_seen_to_its_last_day(officer: Actor) -> None:
    row = publish(officer)
    assert row.number == "GS-2026-0001"
    assert standing(row, days=3).state is NoticeState.WAITING
    found = watch(9)
    assert found == [{row.number: ""}] * 8 + [{row.number: "over"}]
    window = standing(row, days=7).window
    assert (window.state, window.began_on) == (NoticeState.RUNNING, date(2026, 9, 17))
    where = {"project_id": row.project_id, "notice_id": row.id}
    assert not is_over(**where, at=PUBLISHED_AT + 7 * DAY)
    assert is_over(**where, at=PUBLISHED_AT + 8 * DAY)
    assert unfinished_notices() == ()
    assert [entry.action for entry in entries_of(str(row.id))] == [
        "notices.notice.published",
        *["notices.notice.looked-for"] * 8,
        "notices.notice.over",
    ]


@pytest.mark.req("PUB-2")
def test_a_day_on_which_it_was_missing_makes_it_longer(officer: Actor) -> None:
    row = publish(officer)
    watch(3)
    # The 20th: the page is gone. The 21st: nobody answers. The 22nd: the whole platform is off.
    watch_notices(at=PUBLISHED_AT + 3 * DAY, fetch=nothing_there)
    watch_notices(at=PUBLISHED_AT + 4 * DAY, fetch=nobody_answers)
    watch(2, first=PUBLISHED_AT + 6 * DAY)
    told = standing(row, days=7)
    missed = (date(2026, 9, 20), date(2026, 9, 21), date(2026, 9, 22))
    assert told.window.missed == missed
    assert told.window.due is not None
    # Three days later is Sunday the 27th, a day of rest: the 28th.
    assert told.window.due.on == date(2026, 9, 28)
    assert [sighting.fault for sighting in told.sightings if sighting.fault] == ["missing", "away"]
    where = {"project_id": row.project_id, "notice_id": row.id}
    assert missed_days_noted(**where) == missed
    noted: list[object] = []
    for entry in entries_of(str(row.id)):
        if entry.action == "notices.notice.extended":
            told_days = read_body(event_id=entry.event_id)["missed"]
            assert isinstance(told_days, list)
            noted += told_days
    assert noted == [day.isoformat() for day in missed]
    assert not is_over(**where, at=PUBLISHED_AT + 8 * DAY)


@pytest.mark.req("PUB-2")
def test_a_changed_page_does_not_count_as_the_notice(
    officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = publish(officer)
    page = folder_of(row.digest) / "index.html"
    whole = page.read_bytes()
    page.write_bytes(whole.replace("不通过".encode(), "通过".encode()))
    assert watch(1) == [{row.number: "differs"}]
    assert standing(row).state is NoticeState.WAITING
    page.write_bytes(whole)
    signature = folder_of(row.digest) / "signature.json"
    kept = signature.read_bytes()
    signature.write_bytes(kept.replace(b'"signature":"', b'"signature":"0'))
    assert watch(1, first=PUBLISHED_AT + DAY) == [{row.number: "unsigned"}]
    page.write_bytes(b"spoilt")
    # Control: a watcher that does not compare takes the spoilt page for the notice.
    monkeypatch.setattr(jobs, "look_at_copy", lambda **_: "")
    watch(1, first=PUBLISHED_AT + 2 * DAY)
    assert standing(row, days=2).state is NoticeState.RUNNING


@pytest.mark.req("PUB-3")
def test_nothing_personal_reaches_the_copy_the_tables_or_the_ledger(
    database: Database, officer: Actor
) -> None:
    row = publish(officer)
    assert [cells[1] for cells in row.rows] == ["王*兰", "欧阳**", "张*"]
    with psycopg.connect(database.superuser_url) as admin:
        stored = str(admin.execute("SELECT n::text FROM notices_notice n").fetchall())
    shown = stored + "".join(
        file.read_text(encoding="utf-8") for file in folder_of(row.digest).iterdir()
    )
    for personal in ("王秀兰", "欧阳娜娜", "张伟", "19491231"):
        assert personal not in shown
    with pytest.raises(Refusal, match="personal-text"):
        publish(officer, notice(paragraphs=("王秀兰 11010519491231002X 通过",)))


@pytest.mark.req("PUB-3")
def test_a_stranger_checks_the_copy_against_the_signed_log(officer: Actor) -> None:
    row = publish(officer, notice(annexes=[NewAnnex(title="说明", kind="txt", content=b"ok")]))
    folder = folder_of(row.digest)
    key = read_log_key(Path(settings.HOME))
    watch(1)
    assert not (folder / "proof.json").exists()
    while drain_inbox(at=PUBLISHED_AT).taken:
        Signer(key).sign_next()
    watch(1, first=PUBLISHED_AT + DAY)
    # From here on only what lies in the folder, and the pinned keys.
    manifest = (folder / "manifest.json").read_bytes()
    assert digest(manifest).hex() == folder.name
    for name, expected in json.loads(manifest)["files"].items():
        assert digest((folder / name).read_bytes()).hex() == expected
    signature = (folder / "signature.json").read_bytes()
    public = key.pair.public
    assert is_signature(signature, message=signed_text(folder.name), public_key=public)
    assert not is_signature(signature, message=signed_text("0" * 64), public_key=public)
    proof = json.loads((folder / "proof.json").read_bytes())
    body = proof["body"]
    assert body["digest"] == folder.name
    commit = commit_body(salt=bytes.fromhex(proof["salt"]), body=body)
    leaf = hash_entry(header=proof["header"], commitment=commit)
    path = tuple(bytes.fromhex(node) for node in proof["path"])
    head = open_note(proof["note"], key=key.public_keys[0], is_signed=is_signed)
    assert verify_inclusion(
        leaf=leaf, index=proof["index"], size=head.size, path=path, root=head.root
    )
    assert canonical(body) == canonical(tell_publication(row))


@pytest.mark.req("PUB-2")
def test_a_withdrawn_notice_stays_and_its_successor_begins_anew(officer: Actor) -> None:
    row = publish(officer)
    watch(4)
    where = {"project_id": row.project_id, "notice_id": row.id}
    at = PUBLISHED_AT + 4 * DAY
    with pytest.raises(Refusal, match="reason-missing"):
        withdraw_notice(**where, reason=" ", by=officer, at=at)
    gone = withdraw_notice(**where, reason="漏列两户", by=officer, at=at)
    assert gone.withdrawn_reason == "漏列两户"
    assert not is_over(**where, at=at + 30 * DAY)
    ended = json.loads((folder_of(row.digest) / "ended.json").read_bytes())
    assert json.loads(ended["message"])["reason"] == "漏列两户"
    assert served(f"/notices/{row.digest}/") is not None
    told = notice(predecessor_id=row.id)
    again = publish_notice(project_id=row.project_id, notice=told, by=officer, at=at)
    assert again.number == "GS-2026-0002"
    assert standing(row, days=4).successor_id == again.id
    watch(1, first=at)
    assert standing(again, days=4).window.left == 7
    with pytest.raises(Refusal, match="predecessor-stands"):
        publish_notice(project_id=row.project_id, notice=told, by=officer, at=at)
    with pytest.raises(Refusal, match="withdrawn-already"):
        withdraw_notice(**where, reason="再撤", by=officer, at=at)
    with pytest.raises(Refusal, match="predecessor-stands"):
        publish(officer, notice(predecessor_id=again.id))


def test_what_was_shown_is_never_changed(database: Database, officer: Actor) -> None:
    row = publish(officer)
    watch(1)
    withdraw_notice(
        project_id=row.project_id, notice_id=row.id, reason="试", by=officer, at=PUBLISHED_AT
    )
    for statement in (
        "UPDATE notices_notice SET document = '{}'",
        "UPDATE notices_notice SET digest = repeat('0', 64)",
        "UPDATE notices_notice SET withdrawn_reason = 'other'",
        "UPDATE notices_notice SET event_id = gen_random_uuid()",
        "DELETE FROM notices_notice",
        "UPDATE notices_sighting SET seen_on = '2026-01-01'",
        "DELETE FROM notices_sighting",
    ):
        with (
            psycopg.connect(database.superuser_url) as admin,
            pytest.raises(psycopg.errors.CheckViolation, match=r"notices\.kept"),
        ):
            admin.execute(statement)


@pytest.mark.req("PUB-2")
def test_objections_are_taken_until_the_end_of_the_last_day(officer: Actor) -> None:
    row = publish(officer)
    watch(8)

    @operation(permits="notices.publish", action="tests.objection.lodged")
    def object_to(*, project_id: UUID, by: Actor, at: object) -> int:
        assert by.role == "street-officer"
        record(target=project_id, project_id=project_id, body={})
        return lay_objection(
            project_id=project_id,
            notice_id=row.id,
            case_id=new_id(),
            at=at,  # type: ignore[arg-type]
        )

    last = PUBLISHED_AT + 7 * DAY
    counts = [object_to(project_id=row.project_id, by=officer, at=last) for _ in range(2)]
    assert counts == [1, 2]
    with pytest.raises(Refusal, match="objection-too-late"):
        object_to(project_id=row.project_id, by=officer, at=last + DAY)
    assert standing(row, days=8).objections == 2


def test_another_context_publishes_inside_its_own_operation(officer: Actor) -> None:
    subject_id = new_id()
    told = notice(subject_kind="case", subject_id=subject_id)

    def approve(*, ties: bool) -> None:
        @operation(permits="notices.publish", action="tests.plan.approved")
        def approve_plan(*, project_id: UUID, by: Actor, at: object) -> None:
            row = lay_notice(
                project_id=project_id,
                notice=told,
                by=by,
                at=at,  # type: ignore[arg-type]
            )
            receipt = record(target=row.id, project_id=project_id, body=tell_publication(row))
            if ties:
                tie_entry(project_id=project_id, notice_id=row.id, event_id=receipt.event_id)

        approve_plan(project_id=project_of(officer), by=officer, at=PUBLISHED_AT)

    with pytest.raises(Exception, match="without-entry"):
        approve(ties=False)
    approve(ties=True)
    (found,) = notices_of_subject(
        project_id=project_of(officer),
        subject_kind="case",
        subject_id=subject_id,
        at=PUBLISHED_AT,
    )
    assert found.notice.event_id is not None
    assert not found.notice.opens_entry


def test_what_is_not_lawful_is_not_published(officer: Actor) -> None:
    refused = {
        "notices.too-short": notice(term=Term(length=6)),
        "notices.empty": notice(channel=" "),
        "notices.text-too-long": notice(title="长" * 121),
        "notices.row-length": notice(rows=[["H1"]]),
        "notices.annex-not-taken": notice(
            annexes=[NewAnnex(title="假", kind="pdf", content=b"<html>")]
        ),
        "notices.unknown": notice(predecessor_id=new_id()),
    }
    for code, told in refused.items():
        with pytest.raises(Refusal) as found:
            publish(officer, told)
        assert found.value.code == code
    assert unfinished_notices() == ()


def test_only_who_may_publishes_and_only_the_platform_notes_what_it_saw(officer: Actor) -> None:
    row = publish(officer)
    where = {"project_id": row.project_id, "notice_id": row.id}
    with pytest.raises(Refusal, match="not-permitted"):
        confirm_visible(**where, fault="", address="", by=officer, at=PUBLISHED_AT)
    with pytest.raises(Refusal, match="not-permitted"):
        publish_notice(project_id=row.project_id, notice=notice(), by=SYSTEM, at=PUBLISHED_AT)
    with pytest.raises(Refusal, match="not-over"):
        close_notice(**where, by=SYSTEM, at=PUBLISHED_AT)
    with pytest.raises(Refusal, match="nothing-missed"):
        operations.extend_notice(**where, by=SYSTEM, at=PUBLISHED_AT)


def test_many_workers_note_a_days_sighting_once(database: Database, officer: Actor) -> None:
    row = publish(officer)

    def look() -> object:
        return watch_notices(at=PUBLISHED_AT, fetch=served)

    assert database.in_threads([look] * 4) == [{row.number: ""}] * 4
    assert len(standing(row).sightings) == 1


@pytest.mark.pitfall("P19")
def test_a_notice_that_fails_is_not_lost_and_holds_up_no_other(
    officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = publish(officer), publish(officer)

    def look(*, digest_hex: str, base: str, fetch: Fetch) -> SightFault:
        if digest_hex == first.digest:
            raise Refusal("notices.unknown")
        return look_at_copy(digest_hex=digest_hex, base=base, fetch=fetch)

    monkeypatch.setattr(jobs, "look_at_copy", look)
    assert watch(1) == [{second.number: ""}]
    assert {row.id for row in unfinished_notices()} == {first.id, second.id}
    monkeypatch.setattr(jobs, "look_at_copy", look_at_copy)
    assert watch(1) == [{first.number: "", second.number: ""}]
    withdraw_notice(
        project_id=first.project_id, notice_id=first.id, reason="试", by=officer, at=PUBLISHED_AT
    )
    assert [row.id for row in unfinished_notices()] == [second.id]
    watch(9)
    assert unfinished_notices() == ()


@pytest.mark.req("PUB-2")
def test_the_peak_serves_what_was_published(
    officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = publish(officer)
    with serve_peak(Path(settings.HOME)) as port:
        monkeypatch.setattr(settings, "PEAK_URL", f"http://127.0.0.1:{port}")
        assert watch_notices(at=PUBLISHED_AT) == {row.number: ""}
        take_away(row)
        # The peak looks at its files a few times a second; until then it tells what it has.
        assert wait_until(
            lambda: watch_notices(at=PUBLISHED_AT + DAY) == {row.number: "missing"}, seconds=30
        )
    assert watch_notices(at=PUBLISHED_AT + 2 * DAY) == {row.number: "away"}
    with pytest.raises(OSError, match="file:"):
        fetch_page("file:///etc/passwd")
