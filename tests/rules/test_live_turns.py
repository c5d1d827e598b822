"""Live turns: who is next, what becomes of a turn, who comes back, when reserved homes open."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.policy import RuleSet, read_rule_set
from anju_rules.selection import (
    MOVES,
    LiveTurn,
    TurnState,
    check_batch_done,
    check_move,
    may_defer,
    may_return,
    next_turn,
    opened_needs,
    turns_to_return,
)
from anju_rules.values import Refusal

RULES = """
[facts]
persons = "integer"
[rules]
version = "1"
effective_on = 2026-06-01
[rules.entitlement]
kind = "budget"
per_person_sqm = "40"
per = "persons"
excess_at_most_sqm = "10"
clause = "plan/selection#3"
[rules.turns]
late = "{late}"
clause = "plan/selection#6"
[[rules.needs]]
need = "elderly"
home = {{ any = [{{ has_lift = true }}] }}
reserved_opens_after_stratum = "优先户"
clause = "plan/needs#1"
"""


def rules(late: str = "allowed") -> RuleSet:
    return read_rule_set(tomllib.loads(RULES.format(late=late)))


def turn(place: int, state: str, *, back: bool = False) -> LiveTurn:
    return LiveTurn(place=place, state=TurnState(state), has_come_back=back)


turns = st.lists(
    st.builds(
        LiveTurn,
        place=st.integers(1, 60),
        state=st.sampled_from(TurnState),
        has_come_back=st.booleans(),
    ),
    max_size=30,
    unique_by=lambda one: one.place,
)


@pytest.mark.req("SEL-2")
def test_the_lowest_place_that_waits_is_next_and_the_returned_come_last() -> None:
    assert next_turn([turn(7, "waiting"), turn(4, "waiting"), turn(1, "returned")]) == turn(
        4, "waiting"
    )
    assert next_turn([turn(7, "chosen"), turn(4, "returned"), turn(1, "returned")]) == turn(
        1, "returned"
    )
    assert next_turn([turn(7, "chosen"), turn(4, "missed")]) is None


def test_nobody_is_called_while_another_chooses() -> None:
    with pytest.raises(Refusal, match=r"selection\.turn-running"):
        next_turn([turn(1, "called"), turn(2, "waiting")])


def test_only_a_called_turn_can_choose_or_be_missed() -> None:
    for old in TurnState:
        for new in (TurnState.CHOSEN, TurnState.MISSED):
            if old is TurnState.CALLED:
                check_move(old=old, new=new)
            else:
                with pytest.raises(Refusal, match=r"selection\.turn-state"):
                    check_move(old=old, new=new)


def test_every_state_but_a_choice_and_a_waiver_leads_on() -> None:
    ends = {state for state in TurnState if not MOVES[state]}
    assert ends == {TurnState.CHOSEN, TurnState.WAIVED}
    reached = {TurnState.WAITING}
    while more := {new for old in reached for new in MOVES[old]} - reached:
        reached |= more
    assert reached == set(TurnState)


def test_a_missed_turn_comes_back_once_and_only_where_the_plan_allows_it() -> None:
    missed = turn(3, "missed")
    assert may_return(turn=missed, rules=rules())
    assert not may_return(turn=missed, rules=rules("refused"))
    assert not may_return(turn=turn(3, "missed", back=True), rules=rules())
    assert not may_return(turn=turn(3, "waived"), rules=rules())


def test_the_missed_come_back_in_the_original_order_when_the_others_are_through() -> None:
    batch = [turn(5, "missed"), turn(2, "missed"), turn(3, "chosen")]
    assert [one.place for one in turns_to_return(turns=batch, rules=rules())] == [2, 5]
    assert turns_to_return(turns=[*batch, turn(6, "waiting")], rules=rules()) == []
    assert turns_to_return(turns=batch, rules=rules("refused")) == []


@given(turns)
def test_a_batch_is_done_when_nobody_can_be_called_or_come_back(batch: list[LiveTurn]) -> None:
    to_come = [
        one
        for one in batch
        if one.state in (TurnState.WAITING, TurnState.CALLED, TurnState.RETURNED)
        or (one.state is TurnState.MISSED and not one.has_come_back)
    ]
    if to_come:
        with pytest.raises(Refusal, match=r"selection\.batch-not-done"):
            check_batch_done(turns=batch, rules=rules())
    else:
        check_batch_done(turns=batch, rules=rules())
        assert next_turn(batch) is None


@given(turns)
def test_the_next_turn_is_never_after_another_that_waits(batch: list[LiveTurn]) -> None:
    if any(one.state is TurnState.CALLED for one in batch):
        return
    following = next_turn(batch)
    waiting = [one.place for one in batch if one.state is TurnState.WAITING]
    if waiting:
        assert following is not None
        assert following.place == min(waiting)


def test_reserved_homes_open_with_the_batch_after_their_stratum() -> None:
    last = {"优先户": 2, "普通户": 5}
    assert opened_needs(batch=2, last_batches=last, rules=rules()) == frozenset()
    assert opened_needs(batch=3, last_batches=last, rules=rules()) == {"elderly"}
    # A stratum that nobody belongs to is through from the beginning.
    assert opened_needs(batch=1, last_batches={"普通户": 5}, rules=rules()) == {"elderly"}


@pytest.mark.req("SEL-2")
@pytest.mark.parametrize("state", list(TurnState))
def test_a_turn_is_deferred_once_before_it_is_over_and_where_the_plan_allows_it(
    state: TurnState,
) -> None:
    is_here = state in (TurnState.WAITING, TurnState.CALLED)
    assert may_defer(turn=turn(3, state), rules=rules()) is is_here
    assert not may_defer(turn=turn(3, state), rules=rules("refused"))
    assert not may_defer(turn=turn(3, state, back=True), rules=rules())
