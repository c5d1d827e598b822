"""When something goes wrong in a ceremony: the rules of the failure table, on a real database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from anju.foundation.draws.operations import (
    place_disputed,
    postpone_beacon,
    sign_void,
    strike_entry,
)
from anju.foundation.draws.queries import (
    ceremonies_of,
    ceremony_events,
    draw_bundle,
    order_of,
    taken_of,
)
from anju_rules.ceremony import CUSTODY, Step
from anju_rules.draw_records import recompute_draw
from anju_rules.draws import derive_key
from anju_rules.values import Refusal, Ticket
from tests.support.access import Person, open_officer, open_tier
from tests.support.ceremonies import BEACON_AT, Cast, Play, gather, make_lists, open_play
from tests.support.databases import Database

LATER = BEACON_AT + timedelta(days=14)


@pytest.fixture
def cast(database: Database) -> Cast:
    assert database.name
    return gather()


def code_of(act: Callable[[], object]) -> str:
    """Give the code an act is refused with."""
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def void(play: Play, cause: str, *whos: str) -> object:
    for who in whos:
        play.row = sign_void(**play.ids, cause=cause, by=play.by(who), at=play.at)
    return play.row


def strike(play: Play, ticket: str, *whos: str, reason: str = "重复登记，已查实") -> object:
    for who in whos:
        play.row = strike_entry(
            **play.ids, ticket=Ticket(ticket), reason=reason, by=play.by(who), at=play.at
        )
    return play.row


def another_notary() -> Person:
    return open_officer("notary-2", role="notary", organisation_id=open_tier("370106"))


@pytest.mark.req("DRW-2")
@pytest.mark.threat("T-02", "T-03")
@pytest.mark.pitfall("P1")
def test_a_card_that_does_not_open_voids_the_draw_and_the_void_stays_public(cast: Cast) -> None:
    play = open_play(cast, lists=make_lists(size=4))
    play.play(until=Step.BEACON)
    cause = "commit-invalid:notary"
    assert code_of(lambda: void(play, cause, "operator")) == "draws.no-evidence"
    wrong = "ab" * 32
    hands = ("supervisor", "representative-1")
    assert code_of(lambda: play.scan(1, "notary", hand=hands[0], secret=wrong)) == (
        "draw.commit-invalid"
    )
    # One person's scan is no evidence: it takes two people who scan alike.
    assert code_of(lambda: void(play, cause, "operator")) == "draws.no-evidence"
    assert code_of(lambda: play.scan(1, "notary", hand=hands[1], secret=wrong)) == (
        "draw.commit-invalid"
    )
    assert code_of(lambda: void(play, "commit-invalid:operator", "operator")) == (
        "draws.no-evidence"
    )
    assert code_of(lambda: void(play, "result-disliked", "operator")) == "draws.cause-not-listed"
    void(play, cause, "operator", "supervisor")
    assert play.row.step is Step.BEACON
    assert code_of(lambda: void(play, cause, "operator")) == "draws.already-signed"
    void(play, cause, "representative-1")
    assert (play.row.step, play.row.void_cause) == (Step.VOID, cause)
    assert code_of(lambda: play.scan(1, "operator", hand="notary")) == "draws.ceremony-void"
    first = play.row
    assert code_of(lambda: open_play(cast)) == "draws.beacon-used-before"
    second = open_play(cast, lists=make_lists(size=4), beacon_at=LATER)
    assert (second.row.sequence, second.row.of) == (2, 2)
    assert [(one.sequence, one.cause) for one in second.row.voids] == [(1, cause)]
    assert second.row.voids[0].draw_numbers == (first.draws[0].draw_number,)
    assert {row.id for row in ceremonies_of(project_id=cast.project_id)} >= {first.id}
    bundle = draw_bundle(project_id=cast.project_id, draw_id=first.draws[0].id)
    assert bundle["void"] == cause
    outcomes = [event.outcome for event in ceremony_events(**play.ids)]
    assert outcomes.count("refused:draw.commit-invalid") == 2


@pytest.mark.threat("T-03")
def test_a_broken_seal_voids_only_until_the_first_card_is_open(cast: Cast) -> None:
    play = open_play(cast, lists=make_lists(size=4))
    play.play(until=Step.COUNTED)
    assert code_of(lambda: void(play, CUSTODY, "operator")) == "draws.void-too-late"
    play.play(until=Step.ANNOUNCED)
    void(play, CUSTODY, "operator", "notary", "supervisor")
    assert play.row.void_cause == CUSTODY
    assert code_of(lambda: open_play(cast, beacon_at=LATER)) == "draws.same-notary"
    parties = cast.new_parties(notary=another_notary())
    second = open_play(cast, beacon_at=LATER, parties=parties, batch="1")
    assert second.row.sequence == 2
    other = open_play(cast, batch="2", lists=make_lists(size=4))
    other.play(until=Step.BEACON)
    other.scan(1, "operator", hand="supervisor")
    assert code_of(lambda: void(other, CUSTODY, "operator")) == "draws.void-too-late"


@pytest.mark.threat("T-02", "T-03")
def test_a_result_that_is_disliked_is_not_drawn_again(cast: Cast) -> None:
    play = open_play(cast, lists=make_lists(size=4))
    play.play(until=Step.DERIVED)
    for cause in ("commit-invalid:notary", CUSTODY):
        assert code_of(lambda cause=cause: void(play, cause, "operator")) == (  # type: ignore[misc]
            "draws.void-too-late"
        )
    assert code_of(lambda: open_play(cast, beacon_at=LATER)) == "draws.already-open"


@pytest.mark.threat("T-03")
def test_whoever_is_absent_the_box_opens_and_the_order_is_the_same(cast: Cast) -> None:
    """After the announcement the notary never comes again; nothing of the order changes."""
    play = open_play(cast, lists=make_lists(size=6))
    play.play(until=Step.ANNOUNCED)
    play.take_beacon(hands=("operator", "supervisor"))
    play.reveal(hands=("operator", "representative-1"))
    play.sign(Step.DERIVED, "operator", "supervisor")
    bundle = draw_bundle(project_id=cast.project_id, draw_id=play.row.draws[0].id)
    assert {card["who"] for card in bundle["committers"]} == set(cast.parties)  # type: ignore[attr-defined]
    play.agree(hands=("operator", "supervisor", "representative-1"))
    play.sign(Step.PUBLISHED, "operator", "supervisor")
    play.sign(Step.LOCKED, "operator", "representative-1")
    assert play.row.step is Step.LOCKED


def test_a_late_beacon_postpones_the_whole_draw_by_two_people(cast: Cast) -> None:
    play = open_play(cast, lists=make_lists(size=4))
    play.play(until=Step.ANNOUNCED)
    announced = play.row.draws[0].announcement
    play.take_beacon(("03 17 22 41 56 98",))

    def postpone(who: str, *, to: object = LATER, reason: str = "深交所未公布收盘") -> object:
        play.row = postpone_beacon(
            **play.ids,
            to=to,  # type: ignore[arg-type]
            reason=reason,
            by=play.by(who),
            at=play.at,
        )
        return play.row

    assert code_of(lambda: postpone("operator", to=BEACON_AT)) == "draws.not-later"
    assert code_of(lambda: postpone("operator", reason="")) == "draws.no-reason"
    postpone("operator")
    assert play.row.postponed_to is None
    assert code_of(lambda: postpone("operator")) == "draws.already-signed"
    postpone("notary")
    assert play.row.beacon_due_at == LATER
    assert [part.entries for part in play.row.beacon] == [0, 0, 0]
    assert play.row.draws[0].announcement == announced
    assert code_of(lambda: play.type_part(1, "03 17 22 41 56 98", "operator")) == (
        "draws.too-early"
    )
    play.take_beacon()
    assert play.row.step is Step.BEACON
    assert code_of(lambda: postpone("operator")) == "draws.wrong-step"


def derived_elsewhere(play: Play) -> tuple[Ticket, ...]:
    """With the platform down: give the order that anyone derives from what was published."""
    bundle = draw_bundle(project_id=play.row.project_id, draw_id=play.row.draws[0].id)
    told = {
        name: bundle[name]
        for name in (
            "beacon",
            "beacon_at",
            "beacon_rule",
            "disputed",
            "draw_id",
            "freeze_at",
            "lines",
            "redraw_rule",
            "stratum",
        )
    }
    cards = bundle["committers"]
    told["committers"] = [{"who": card["who"], "secret": card["secret"]} for card in cards]  # type: ignore[attr-defined]
    return tuple(recompute_draw(told)["order"])  # type: ignore[arg-type]


@pytest.mark.req("DRW-1", "KPI-3")
def test_a_struck_line_moves_nobody_and_a_disputed_one_comes_where_its_key_says(
    cast: Cast,
) -> None:
    play = open_play(cast, lists=make_lists(size=8), take=3)
    assert code_of(lambda: strike(play, "T1-0000", "operator")) == "draws.wrong-step"
    play.play(until=Step.DERIVED)
    ((_, before),) = order_of(**play.ids)
    assert derived_elsewhere(play) == before
    gone = before[1]
    assert code_of(lambda: strike(play, gone, "operator", reason=" ")) == "draws.no-reason"
    strike(play, gone, "operator")
    assert order_of(**play.ids)[0][1] == before
    assert code_of(lambda: strike(play, gone, "operator")) == "draws.same-person"
    strike(play, gone, "supervisor")
    ((_, after),) = order_of(**play.ids)
    assert after == tuple(ticket for ticket in before if ticket != gone)
    assert taken_of(**play.ids)[0][1] == (before[0], before[2], before[3])
    assert code_of(lambda: strike(play, gone, "notary")) == "draws.already-struck"
    assert code_of(lambda: strike(play, "T9-9999", "notary")) == "draws.no-such-entry"

    def place(ticket: str, who: str) -> object:
        return place_disputed(**play.ids, ticket=Ticket(ticket), by=play.by(who), at=play.at)

    assert code_of(lambda: place(before[0], "operator")) == "draws.not-disputed"
    assert code_of(lambda: place("T9-9999", "operator")) == "draws.not-disputed"
    place("T1-0008", "operator")
    assert order_of(**play.ids)[0][1] == after
    place("T1-0008", "notary")
    ((_, whole),) = order_of(**play.ids)
    assert set(whole) == {*after, "T1-0008"}
    seed = bytes.fromhex(play.look().draws[0].seed)
    keys = [derive_key(scheme=play.row.scheme, seed=seed, ticket=ticket) for ticket in whole]
    assert keys == sorted(keys)


def test_a_secret_that_an_earlier_draw_laid_open_is_not_used_again(cast: Cast) -> None:
    play = open_play(cast, lists=make_lists(size=3))
    play.play(until=Step.REVEALED)
    second = open_play(cast, batch="2", lists=make_lists(size=3))
    second.play(until=Step.COUNTED)
    second.secrets = {(1, "notary"): play.secrets[1, "notary"]}
    assert code_of(lambda: second.commit_one("notary")) == "draws.secret-used-before"
