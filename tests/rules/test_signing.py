"""Who signs a choice (SEL-3): which sides, who for which, and nobody twice; desks; plain terms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules.policy import read_rule_set
from anju_rules.policy.types import Basis, Turns
from anju_rules.selection import LiveTurn, TurnState, desk_to_call, next_turn
from anju_rules.signing import Side, Signer, missing_sides, side_of, signatures_needed
from anju_rules.values import Refusal

pytestmark = pytest.mark.req("SEL-3")

BOTH = frozenset({Side.HOUSEHOLD, Side.OFFICE})
ALL = frozenset(Side)


def terms(**told: int) -> Turns:
    return Turns(late="allowed", basis=Basis(clause="plan/selection#6"), **told)


@pytest.mark.parametrize(
    ("told", "is_rehearsal", "wishes", "needed"),
    [
        ({}, False, [0], BOTH),
        ({}, False, [2, 0], BOTH),
        ({}, False, [0, 3], ALL),
        ({}, True, [9], frozenset()),
        ({"signatures": 2}, True, [0], BOTH),
        ({"signatures": 2, "hot_from_wishes": 1}, True, [1], ALL),
        ({"signatures": 1}, False, [9], frozenset()),
    ],
)
def test_the_plan_says_who_signs_and_silence_means_two_where_a_draw_counts(
    told: dict[str, int], is_rehearsal: bool, wishes: list[int], needed: frozenset[Side]
) -> None:
    assert (
        signatures_needed(terms=terms(**told), is_rehearsal=is_rehearsal, wish_counts=wishes)
        == needed
    )


@pytest.mark.parametrize(
    ("signer", "given_by", "needed", "by_wishes", "side"),
    [
        (Signer.HOUSEHOLD, {}, BOTH, False, Side.HOUSEHOLD),
        (Signer.HOUSEHOLD, {Side.HOUSEHOLD: "a"}, ALL, False, None),
        (Signer.REPRESENTATIVE, {}, BOTH, False, None),
        (Signer.REPRESENTATIVE, {Side.OFFICE: "a"}, BOTH, True, Side.HOUSEHOLD),
        (Signer.OFFICER, {}, BOTH, False, Side.OFFICE),
        (Signer.OFFICER, {Side.OFFICE: "a"}, BOTH, False, None),
        (Signer.OFFICER, {Side.OFFICE: "a"}, ALL, False, Side.CHECK),
        (Signer.SUPERVISOR, {}, BOTH, False, None),
        (Signer.SUPERVISOR, {}, ALL, False, Side.CHECK),
        (Signer.SUPERVISOR, {}, frozenset(), False, None),
        (Signer.OFFICER, {}, frozenset(), False, Side.OFFICE),
    ],
)
def test_each_signs_for_their_own_side(
    signer: Signer,
    given_by: dict[Side, str],
    needed: frozenset[Side],
    by_wishes: bool,
    side: Side | None,
) -> None:
    told = {"signer": signer, "given": given_by, "needed": needed, "is_by_wishes": by_wishes}
    if side is not None:
        assert side_of(person="me", **told) is side  # type: ignore[arg-type]
        return
    with pytest.raises(Refusal, match=r"selection\.side-not-yours"):
        side_of(person="me", **told)  # type: ignore[arg-type]


@given(
    st.lists(
        st.tuples(st.sampled_from(Signer), st.sampled_from("abc"), st.booleans()), max_size=12
    ),
    st.sampled_from([frozenset(), BOTH, ALL]),
)
def test_a_choice_is_made_by_as_many_persons_as_sides(
    tried: list[tuple[Signer, str, bool]], needed: frozenset[Side]
) -> None:
    signed: dict[Side, str] = {}
    for signer, person, by_wishes in tried:
        try:
            side = side_of(
                signer=signer, person=person, given=signed, needed=needed, is_by_wishes=by_wishes
            )
        except Refusal:
            continue
        signed[side] = person
        if not missing_sides(needed=needed, given=signed.keys()):
            break
    assert len(set(signed.values())) == len(signed)
    if not missing_sides(needed=needed, given=signed.keys()):
        assert len(signed) == max(1, len(needed))
        assert needed <= signed.keys()


@given(st.integers(1, 4), st.integers(0, 6))
def test_as_many_are_called_as_there_are_desks(desks: int, called: int) -> None:
    turns = [
        LiveTurn(place=place, state=TurnState.CALLED if place <= called else TurnState.WAITING)
        for place in range(1, 9)
    ]
    if called >= desks:
        with pytest.raises(Refusal, match=r"selection\.turn-running"):
            next_turn(turns, desks=desks)
    else:
        following = next_turn(turns, desks=desks)
        assert following is not None
        assert following.place == called + 1


def test_a_desk_is_free_known_and_by_default_the_lowest() -> None:
    assert desk_to_call(busy=[1, 3], desks=3, desk=None) == 2
    assert desk_to_call(busy=[1, 3], desks=3, desk=2) == 2
    with pytest.raises(Refusal, match=r"selection\.desk-busy"):
        desk_to_call(busy=[1, 3], desks=3, desk=3)
    for desk in (0, 4):
        with pytest.raises(Refusal, match=r"selection\.no-such-desk"):
            desk_to_call(busy=[], desks=3, desk=desk)


@pytest.mark.req("PLN-3")
def test_what_a_plan_does_not_say_of_turns_stays_unsaid() -> None:
    entitlement = {
        "kind": "budget",
        "per_person_sqm": "40",
        "per": "persons",
        "excess_at_most_sqm": "10",
        "clause": "plan/selection#3",
    }
    turns: dict[str, object] = {"late": "allowed", "clause": "plan/selection#6"}
    table = {
        "facts": {"persons": "integer"},
        "rules": {
            "version": "1",
            "effective_on": "2026-06-01",
            "entitlement": entitlement,
            "turns": turns,
        },
    }
    assert read_rule_set(table).turns == terms()
    assert read_rule_set(table).canonical()["rules"]["turns"] == turns  # type: ignore[index]
    turns |= {"signatures": 1, "desks": 3}
    said = read_rule_set(table)
    assert said.turn_terms == terms(signatures=1, desks=3)
    assert read_rule_set(said.canonical()) == said
    # What is said as it is by default is written as if unsaid: there is one spelling.
    turns |= {"sign_seconds": 120, "seconds": 180, "hot_from_wishes": 3}
    assert read_rule_set(table).canonical() == said.canonical()
    for name, value, code in (
        ("signatures", 3, "policy.above-range"),
        ("signatures", 0, "policy.out-of-range"),
        ("desks", 21, "policy.above-range"),
        ("seconds", 1, "policy.out-of-range"),
        ("sign_seconds", True, "policy.wrong-type"),
        ("hot", 1, "policy.unknown-key"),
    ):
        with pytest.raises(Refusal) as refused:
            read_rule_set(
                {**table, "rules": {**table["rules"], "turns": {**turns, name: value}}}  # type: ignore[dict-item]
            )
        assert (refused.value.code, refused.value.facts["path"]) == (code, f"rules.turns.{name}")
