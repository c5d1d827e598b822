"""The ceremony through its operations, on a real database: nobody runs it alone or bends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from anju.foundation.access.gate import OPERATIONS
from anju.foundation.access.operations import step_up
from anju.foundation.access.permissions import permissions_by_role
from anju.foundation.access.types import Actor
from anju.foundation.draws.operations import (
    add_paper_entry,
    enter_commitments,
    sign_step,
    sign_street_count,
)
from anju.foundation.draws.queries import (
    ceremonies_of,
    ceremony_by_id,
    ceremony_events,
    draw_bundle,
    entry_of,
    order_of,
    taken_of,
    what_is_next,
)
from anju.foundation.ledger.queries import read_body
from anju_rules.ceremony import ORDER, Act, Party, Step, Use
from anju_rules.draw_bundle import judge_bundle, write_bundle
from anju_rules.draws import Scheme
from anju_rules.values import Refusal, Ticket
from tests.support.access import open_officer, open_tier
from tests.support.ceremonies import (
    BEACON,
    SIGNERS,
    STREETS,
    Cast,
    Play,
    gather,
    make_line,
    make_lists,
    open_play,
)
from tests.support.databases import Database


@pytest.fixture
def cast(database: Database) -> Cast:
    assert database.name
    return gather()


def code_of(act: Callable[[], object]) -> str:
    """Give the code an act is refused with."""
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


@pytest.mark.req("DRW-1", "DRW-2", "DRW-5")
@pytest.mark.pitfall("P2")
@pytest.mark.parametrize("scheme", list(Scheme))
def test_a_whole_ceremony_is_played_to_its_lock(cast: Cast, scheme: Scheme) -> None:
    lists = make_lists(strata=("甲", "乙"), size=9, scheme=scheme)
    play = open_play(cast, scheme=scheme, lists=lists)
    code_of(lambda: play.sign(Step.LOCKED))
    row = play.play()
    assert row.step is Step.LOCKED
    assert [len(order) for _, order in order_of(**play.ids)] == [9, 9]
    assert len({draw.seed for draw in row.draws} | {draw.root for draw in row.draws}) == 4
    for draw in row.draws:
        bundle = draw_bundle(project_id=row.project_id, draw_id=draw.id)
        judged = judge_bundle(write_bundle(bundle), scheme=scheme, announcement=draw.announcement)
        assert judged.is_valid
        other = Scheme.REHEARSAL if scheme is Scheme.REAL else Scheme.REAL
        assert not judge_bundle(write_bundle(bundle), scheme=other).is_valid
    first = order_of(**play.ids)[0][1][0]
    entry = entry_of(**play.ids, ticket=first)
    assert entry is not None
    assert entry.place == 1
    judge_log(play)


def judge_log(play: Play) -> None:
    """See that the public log is whole: what the ledger has, refused acts too, for any role."""
    events = ceremony_events(**play.ids)
    roles = {role for role, held in permissions_by_role().items() if "draws.see" in held}
    assert len(roles) >= 7
    # The query takes no reader, so no reader can see less; what it gives is the ledger's own.
    for event in events:
        if event.outcome == "done" and event.facts:
            body = read_body(event_id=event.event_id)
            assert {name: body[name] for name in event.facts} == event.facts
    assert events[0].kind == "draws.ceremony.opened"
    assert [event.outcome for event in events].count("refused:draws.wrong-step") == 1
    assert {event.kind for event in events} == {
        "draws.ceremony.opened",
        "draws.step.signed",
        "draws.street.counted",
        "draws.commitments.entered",
        "draws.beacon.entered",
        "draws.card.scanned",
        "draws.result.verified",
    }


@pytest.mark.req("DRW-1", "ELG-4", "KPI-3")
def test_one_mechanism_draws_homes_to_visit_supervisors_and_evaluators(cast: Cast) -> None:
    plays = [
        open_play(
            cast,
            scheme=Scheme.REHEARSAL,
            use=use,
            batch="2026",
            lists=make_lists(strata=("全部",), size=size, scheme=Scheme.REHEARSAL),
            take=take,
        )
        for use, size, take in (
            (Use.VISIT_SAMPLE, 20, 2),
            (Use.VISIT_SUPERVISORS, 6, 2),
            (Use.REPRESENTATIVES, 12, 3),
            (Use.EVALUATORS, 20, 1),
        )
    ]
    play = plays[-1]
    play.play(until=Step.DERIVED)
    ((_, order),) = order_of(**play.ids)
    ((_, told),) = taken_of(**play.ids)
    assert told == order[:1]
    numbers = {draw.draw_number for one in plays for draw in one.row.draws}
    assert len(numbers) == 4
    assert {row.use for row in ceremonies_of(project_id=cast.project_id)} == {
        one.row.use for one in plays
    }
    again = [next(iter(numbers))]
    assert code_of(lambda: open_play(cast, batch="x", draw_numbers=again)) == "draws.number-taken"


@pytest.mark.req("DRW-2")
def test_no_step_is_done_by_one_person(cast: Cast) -> None:
    """One person does all that one person can of each step; it waits for somebody else."""
    play = open_play(cast, lists=make_lists(size=2))
    alone = "notary"
    while play.row.step is not Step.LOCKED:
        following = ORDER[ORDER.index(play.row.step) + 1]
        play.at += timedelta(minutes=1)
        if following is Step.FROZEN:
            play.wait_until(play.row.freeze_at)
        if following is Step.COUNTED:
            play.count_streets()
        act, others = acts_of(play, following, alone)
        act(alone)
        if following is not Step.COMMITTED:
            assert code_of(lambda act=act: act(alone)) in {  # type: ignore[misc]
                "draws.already-signed",
                "draws.same-person",
            }
        assert play.look().step is not following
        others()
        assert play.look().step is following


def acts_of(
    play: Play, step: Step, alone: str
) -> tuple[Callable[[str], object], Callable[[], object]]:
    """Give what one person does of a step, and what the others then do of it."""
    others = [who for who in play.cast.parties if who != alone]
    if step is Step.COMMITTED:
        play.make_cards()
        return play.commit_one, lambda: [play.commit_one(who) for who in others]
    if step is Step.BEACON:
        first = BEACON[:1]
        return (
            lambda who: play.take_beacon(first, hands=(who,)),
            lambda: (
                play.take_beacon(first, hands=others[:1]),
                play.take_beacon(hands=others[:2], from_place=2),
            ),
        )
    if step is Step.REVEALED:
        whos = list(play.cast.parties)
        return (
            lambda who: play.scan(1, whos[0], hand=who),
            lambda: (
                play.scan(1, whos[0], hand=others[0]),
                [play.scan(1, who, hand=hand) for who in whos[1:] for hand in others[:2]],
            ),
        )
    if step is Step.AGREED:
        digest = play.row.result_digest
        return (
            lambda who: play.report(
                "anju" if not play.look().agreements else "python", digest, who
            ),
            lambda: [
                play.report(verifier, digest, who)
                for verifier, who in zip(("python", "browser"), others, strict=False)
            ],
        )
    signers = [who for who in SIGNERS[step] if who != alone] or others
    if step is Step.COUNTED:
        signers = ["supervisor"]
    return lambda who: play.sign(step, who), lambda: play.sign(step, *signers[:1])


@pytest.mark.req("DRW-2")
def test_each_signature_asks_for_a_code_of_this_minute(cast: Cast) -> None:
    play = open_play(cast)
    play.wait_until(play.row.freeze_at)
    person = cast.parties["notary"]

    def sign(by: Actor) -> object:
        return sign_step(**play.ids, step=Step.FROZEN, by=by, at=play.at)

    assert code_of(lambda: sign(person.actor)) == "access.step-up-missing"
    stale = replace(person.actor, stepped_up_at=play.at - timedelta(seconds=61))
    ahead = replace(person.actor, stepped_up_at=play.at + timedelta(seconds=1))
    assert code_of(lambda: sign(stale)) == "access.step-up-missing"
    assert code_of(lambda: sign(ahead)) == "access.step-up-missing"
    code = person.code(play.at)
    fresh = step_up(by=person.actor, code=code, at=play.at)
    sign(fresh)
    # The code is used up, and a wrong one is no code.
    for again in (code, "000000", ""):
        refused = code_of(lambda again=again: step_up(by=person.actor, code=again, at=play.at))  # type: ignore[misc]
        assert refused == "access.step-up-refused"
    signing = [one for one in OPERATIONS.values() if one.permits.startswith("draws.")]
    silent = {one.name for one in signing if not one.steps_up}
    assert {"draws.type_beacon_part", "draws.scan_card", "draws.open_ceremony"} <= silent
    assert {"draws.sign_step", "draws.sign_void", "draws.enter_commitments"}.isdisjoint(silent)


def test_guessing_codes_is_slowed_down(cast: Cast) -> None:
    person = cast.parties["notary"].actor
    at = open_play(cast).at
    codes = [code_of(lambda: step_up(by=person, code="123456", at=at)) for _ in range(12)]
    assert set(codes[:10]) == {"access.step-up-refused"}
    assert set(codes[10:]) == {"access.sign-in-wait"}


@pytest.mark.req("DRW-2")
def test_a_share_is_signed_for_by_its_holder_and_nobody_else(cast: Cast) -> None:
    play = open_play(cast)
    play.wait_until(play.row.freeze_at)
    stranger = open_officer("stranger", role="notary", organisation_id=open_tier("370199"))
    beside = open_officer("beside", role="notary", organisation_id=open_tier("3701"))
    for person, code in ((stranger, "access.not-found"), (beside, "draws.not-a-party")):
        by = replace(person.actor, stepped_up_at=play.at)
        assert (
            code_of(
                lambda by=by: sign_step(**play.ids, step=Step.FROZEN, by=by, at=play.at)  # type: ignore[misc]
            )
            == code
        )
    # An officer who was put in for the notary's share holds none: the role decides.
    posing = cast.new_parties(notary=cast.streets[STREETS[0]])
    other = open_play(cast, batch="2", parties=posing)
    by = replace(cast.streets[STREETS[0]].actor, stepped_up_at=play.at, role="city-officer")
    assert (
        code_of(lambda: sign_step(**other.ids, step=Step.FROZEN, by=by, at=play.at))
        == "draws.not-a-party"
    )
    play.play(until=Step.COUNTED)
    play.make_cards()
    told = [play.commitment_of(1, "notary")]
    assert (
        code_of(
            lambda: enter_commitments(
                **play.ids, who="notary", commitments=told, by=play.by("operator"), at=play.at
            )
        )
        == "draws.not-your-share"
    )


@pytest.mark.req("DRW-2")
def test_whose_hand_comes_next_is_told_to_each(cast: Cast) -> None:
    play = open_play(cast)
    notary, street = play.by("notary"), play.by(STREETS[0])
    told = what_is_next(play.row, by=notary)
    assert (told.step, told.kind, told.may_act) == (Step.FROZEN, Act.SIGN, True)
    assert told.waits_for == (Party.OPERATOR, Party.NOTARY)
    assert what_is_next(play.row, by=None).why == "draws.not-a-party"
    play.wait_until(play.row.freeze_at)
    play.sign(Step.FROZEN, "notary")
    assert what_is_next(play.row, by=notary).why == "draws.already-signed"
    play.sign(Step.FROZEN, "operator")
    assert what_is_next(play.row, by=street).may_act
    assert what_is_next(play.row, by=play.by("supervisor")).why == "draws.counts-missing"
    locked = replace(play.row, step=Step.LOCKED)
    assert what_is_next(locked, by=notary).step is None


@pytest.mark.req("DRW-2")
def test_what_one_types_of_the_beacon_the_other_does_not_see(cast: Cast) -> None:
    play = open_play(cast)
    play.play(until=Step.ANNOUNCED)
    # Not before its time, and not before witnesses vouch for the announcement.
    assert code_of(lambda: play.type_part(1, BEACON[0], "operator")) == "draws.too-early"
    play.wait_until(play.row.beacon_due_at)
    assert code_of(lambda: play.type_part(1, BEACON[0], "operator")) == (
        "draws.announcement-not-witnessed"
    )
    for spelled in (
        "3 17 22 41 56 98",
        "03 17 22 41 56",
        "03  17 22 41 56 98",
        "０3 17 22 41 56 98",
    ):
        assert code_of(lambda spelled=spelled: play.take_beacon([spelled])) == (  # type: ignore[misc]
            "draw.beacon-malformed"
        )
    play.take_beacon(BEACON[:1], hands=("operator",))
    part = play.look().beacon[0]
    assert (part.entries, part.text) == (1, "")
    assert not any(BEACON[0] in str(event.facts) for event in ceremony_events(**play.ids))
    other = "03 17 22 41 56 97"
    assert code_of(lambda: play.take_beacon([other], hands=("notary",))) == (
        "draws.beacon-entries-differ"
    )
    assert play.look().beacon[0].entries == 0
    last = ceremony_events(**play.ids)[-1]
    assert last.outcome == "refused:draws.beacon-entries-differ"
    play.take_beacon()
    assert play.row.step is Step.BEACON
    assert [part.text for part in play.row.beacon] == list(BEACON)


@pytest.mark.pitfall("P16")
def test_a_late_paper_entry_takes_two_people_and_a_reason_and_changes_the_root(
    cast: Cast,
) -> None:
    play = open_play(cast)
    draw = play.row.draws[0]
    line = make_line("PAPER-1", street=STREETS[0])

    def add(who: str, *, told: object = line, reason: str = "邮寄晚到，邮戳在期限内") -> Step:
        play.row = add_paper_entry(
            **play.ids,
            draw_id=draw.id,
            line=told,  # type: ignore[arg-type]
            reason=reason,
            by=play.by(who),
            at=play.at,
        )
        return play.row.step

    assert code_of(lambda: add("operator", reason=" ")) == "draws.no-reason"
    add("operator")
    assert play.row.draws[0].root == draw.root
    assert code_of(lambda: add("operator")) == "draws.same-person"
    other = make_line("PAPER-1", street=STREETS[1])
    assert code_of(lambda: add("supervisor", told=other)) == "draws.paper-entries-differ"
    add("supervisor")
    assert play.row.draws[0].size == draw.size + 1
    assert play.row.draws[0].root != draw.root
    assert code_of(lambda: add("notary")) == "draw.ticket-twice"
    play.play(until=Step.FROZEN)
    late = make_line("PAPER-2", street=STREETS[0])
    assert code_of(lambda: add("operator", told=late)) == "draws.list-frozen"


def test_a_street_that_counts_otherwise_is_refused_and_nobody_counts_twice(cast: Cast) -> None:
    play = open_play(cast)
    play.play(until=Step.FROZEN)
    first, second = play.row.streets

    def count(street: str, figure: int, who: str) -> object:
        return sign_street_count(
            **play.ids, street=street, count=figure, by=play.by(who), at=play.at
        )

    wrong = first.listed + 1
    assert code_of(lambda: count(first.street, wrong, first.street)) == "draws.count-differs"
    assert code_of(lambda: count("别的街道", 1, first.street)) == "draws.no-such-street"
    count(first.street, first.listed, first.street)
    assert code_of(lambda: count(second.street, second.listed, first.street)) == (
        "draws.already-counted"
    )
    assert code_of(lambda: play.sign(Step.COUNTED, "supervisor")) == "draws.counts-missing"
    posing = replace(play.by("notary"), role="street-officer")
    assert (
        code_of(
            lambda: sign_street_count(
                **play.ids, street=second.street, count=second.listed, by=posing, at=play.at
            )
        )
        == "draws.party-counts"
    )


def test_a_digest_of_another_order_is_refused_and_stays_in_the_log(cast: Cast) -> None:
    play = open_play(cast)
    play.play(until=Step.DERIVED)
    right = play.row.result_digest
    assert code_of(lambda: play.report("python", "0" * 64, "notary")) == "draws.digest-differs"
    assert code_of(lambda: play.report("excel", right, "notary")) == "draws.verifier-unknown"
    play.report("python", right, "notary")
    assert code_of(lambda: play.report("python", right, "operator")) == "draws.verifier-reported"
    assert code_of(lambda: play.report("browser", right, "notary")) == "draws.same-person"
    assert code_of(lambda: play.sign(Step.PUBLISHED, "operator")) == "draws.wrong-step"
    outcomes = [event.outcome for event in ceremony_events(**play.ids)]
    assert "refused:draws.digest-differs" in outcomes
    assert ceremony_by_id(**play.ids).step is Step.DERIVED


def test_a_real_freeze_waits_for_its_time_and_an_announcement_does_not_come_late(
    cast: Cast,
) -> None:
    play = open_play(cast)
    assert code_of(lambda: play.sign(Step.FROZEN, "operator")) == "draws.too-early"
    play.play(until=Step.COMMITTED)
    play.wait_until(play.row.beacon_at)
    assert code_of(lambda: play.sign(Step.ANNOUNCED, "operator")) == ("draws.announcement-too-late")
    assert (
        code_of(
            lambda: open_play(cast, batch="3", beacon_at=play.row.freeze_at + timedelta(days=1))
        )
        == "draws.freeze-too-late"
    )
    assert entry_of(**play.ids, ticket=Ticket("NOBODY")) is None
