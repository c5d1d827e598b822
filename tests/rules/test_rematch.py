"""The re-match of leftovers: nobody worse off, nothing left to gain, no use in a lie (MAT-3)."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules import rematch_records
from anju_rules.hashing import canonical
from anju_rules.rematch import Entrant, Rematched, rematch_homes
from anju_rules.rematch_records import (
    Entry,
    Standing,
    derive_result,
    digest_list,
    show_list,
    show_record,
    verify_rematch,
)
from anju_rules.values import Refusal, Ticket, UnitNumber
from tests.support.real_data import real_data

pytestmark = pytest.mark.req("MAT-3")

Homes = dict[Ticket, UnitNumber]


def home(number: object) -> UnitNumber:
    return UnitNumber(f"{number}")


def entrant(ticket: object, *wishes: object, offers: object = None) -> Entrant:
    return Entrant(
        ticket=Ticket(f"{ticket}"),
        wishes=tuple(home(wish) for wish in wishes),
        offers=None if offers is None else home(offers),
    )


def match(entrants: Sequence[Entrant], vacant: Collection[UnitNumber]) -> Homes:
    return dict(rematch_homes(entrants=entrants, vacant=vacant).homes)


def serve_in_turn(entrants: Sequence[Entrant], vacant: Collection[UnitNumber]) -> Homes:
    """Give homes as plain turns would, with every offered home free for all: the control."""
    left = {*vacant, *(one.offers for one in entrants if one.offers)}
    given_homes: Homes = {}
    for one in entrants:
        own = [one.offers] if one.offers else []
        best = next((wish for wish in (*one.wishes, *own) if wish in left), None)
        if best is not None:
            left.remove(best)
            given_homes[one.ticket] = best
    return given_homes


def rank_of(one: Entrant, got: UnitNumber | None) -> int:
    """Give how well a household is served by its own list; 0 is best, and nothing is worst."""
    listed = one.wishes if one.offers in one.wishes or not one.offers else (*one.wishes, one.offers)
    return len(listed) if got is None else listed.index(got)


@st.composite
def markets(draw: st.DrawFn, most: int = 4) -> tuple[list[Entrant], list[UnitNumber]]:
    """Give a small market: some hold a home and offer it, some homes are vacant."""
    people = draw(st.integers(1, most))
    homes = [home(number) for number in range(draw(st.integers(0, most)))]
    held = draw(st.lists(st.sampled_from([*homes, None]), min_size=people, max_size=people))
    entrants, seen = [], set()
    for place, offers in enumerate(held):
        own = None if offers in seen else offers
        seen.add(own)
        wishes = draw(st.lists(st.sampled_from(homes), unique=True)) if homes else []
        entrants.append(Entrant(ticket=Ticket(f"T{place}"), wishes=tuple(wishes), offers=own))
    return entrants, [one for one in homes if one not in seen]


def test_the_published_example_of_the_mechanism_comes_out() -> None:
    cases = json.loads(real_data("vectors/house_allocation.json").read_text(encoding="utf-8"))
    for case in cases["house_allocation_existing_tenants"]:
        occupied = {person: held for held, person in case["occupied_by"].items()}
        entrants = [
            entrant(one, *case["prefs"][str(one)], offers=occupied.get(one))
            for one in case["order"]
        ]
        named = {str(wish) for wishes in case["prefs"].values() for wish in wishes}
        vacant = [home(one) for one in sorted(named - set(case["occupied_by"]))]
        want = {one: str(got) for one, got in case["expected"].items()}
        assert match(entrants, vacant) == want
        # The same list in plain turns, nobody holding anything, is another story's figure.
        told = {one: str(got) for one, got in case["serial_dictatorship_all_vacant"].items()}
        bare = [entrant(one, *case["prefs"][str(one)]) for one in case["order"]]
        assert match(bare, [home(one) for one in sorted(named)]) == told


def test_a_holder_who_is_asked_comes_before_the_one_who_asks() -> None:
    found = rematch_homes(
        entrants=[entrant("A", 2), entrant("B", 4, 3), entrant("C", 3, 9, offers=2)],
        vacant=[home(3), home(4)],
    )
    assert found.homes == {"A": "2", "C": "3", "B": "4"}
    assert [(step.way, step.given) for step in found.steps] == [
        ("vacant", (("C", "3"),)),
        ("vacant", (("A", "2"),)),
        ("vacant", (("B", "4"),)),
    ]


def test_a_circle_exchanges_and_who_finds_nothing_waits() -> None:
    found = rematch_homes(
        entrants=[
            entrant("A", 2, offers=1),
            entrant("B", 3, offers=2),
            entrant("C", 1, offers=3),
            entrant("D", 1, 2),
        ],
        vacant=[],
    )
    assert found.homes == {"A": "2", "B": "3", "C": "1"}
    assert [step.way for step in found.steps] == ["exchange", "none"]
    assert found.steps[-1].given == (("D", None),)


def test_what_is_named_twice_is_refused() -> None:
    with pytest.raises(Refusal, match=r"rematch\.ticket-twice"):
        match([entrant("A"), entrant("A")], [])
    for entrants, vacant in (
        ([entrant("A", offers=1), entrant("B", offers=1)], []),
        ([entrant("A", offers=1)], [home(1)]),
        ([], [home(1), home(1)]),
    ):
        with pytest.raises(Refusal, match=r"rematch\.home-twice"):
            match(entrants, vacant)


@given(markets(most=8))
def test_no_home_goes_twice_and_everybody_leaves_once(
    market: tuple[list[Entrant], list[UnitNumber]],
) -> None:
    entrants, vacant = market
    found = rematch_homes(entrants=entrants, vacant=vacant)
    assert len(set(found.homes.values())) == len(found.homes)
    told = [ticket for step in found.steps for ticket, _ in step.given]
    assert sorted(told) == sorted(one.ticket for one in entrants)
    for one in entrants:
        got = found.homes.get(one.ticket)
        assert got is None or got in {*one.wishes, one.offers}


def worse_off(entrants: Sequence[Entrant], got: Homes) -> list[Ticket]:
    return [
        one.ticket
        for one in entrants
        if one.offers and rank_of(one, got.get(one.ticket)) > rank_of(one, one.offers)
    ]


@given(markets(most=8))
def test_nobody_who_holds_a_home_is_worse_off_by_its_own_list(
    market: tuple[list[Entrant], list[UnitNumber]],
) -> None:
    entrants, vacant = market
    assert worse_off(entrants, match(entrants, vacant)) == []


def test_control_plain_turns_do_not_protect_who_holds_a_home() -> None:
    entrants = [entrant("A", 1), entrant("B", 2, offers=1)]
    assert worse_off(entrants, serve_in_turn(entrants, [])) == ["B"]
    assert worse_off(entrants, match(entrants, [])) == []


@given(markets(most=8))
def test_without_a_home_nobody_would_have_the_home_of_one_behind_it(
    market: tuple[list[Entrant], list[UnitNumber]],
) -> None:
    entrants, vacant = market
    got = match(entrants, vacant)
    bare = [one for one in entrants if one.offers is None]
    for place, one in enumerate(bare):
        for later in bare[place + 1 :]:
            theirs = got.get(later.ticket)
            if theirs in one.wishes:
                assert rank_of(one, theirs) >= rank_of(one, got.get(one.ticket))


@given(markets())
def test_nothing_is_left_to_gain_for_one_without_loss_to_another(
    market: tuple[list[Entrant], list[UnitNumber]],
) -> None:
    entrants, vacant = market
    got = match(entrants, vacant)
    ranks = [rank_of(one, got.get(one.ticket)) for one in entrants]
    homes = [*vacant, *(one.offers for one in entrants if one.offers)]
    for tried in permutations([*homes, *[None] * len(entrants)], len(entrants)):
        is_wanted = all(
            other is None or other in {*one.wishes, one.offers}
            for one, other in zip(entrants, tried, strict=True)
        )
        if is_wanted:
            others = [rank_of(one, other) for one, other in zip(entrants, tried, strict=True)]
            is_better = others != ranks and all(a <= b for a, b in zip(others, ranks, strict=True))
            assert not is_better, (tried, got)


@given(markets(most=4), st.data())
def test_no_list_serves_a_household_better_than_its_true_one(
    market: tuple[list[Entrant], list[UnitNumber]], data: st.DataObject
) -> None:
    entrants, vacant = market
    place = data.draw(st.integers(0, len(entrants) - 1))
    honest = entrants[place]
    best = rank_of(honest, match(entrants, vacant).get(honest.ticket))
    homes = [*vacant, *(one.offers for one in entrants if one.offers)]
    for size in range(len(homes) + 1):
        for lie in permutations(homes, size):
            told = Entrant(ticket=honest.ticket, wishes=lie, offers=honest.offers)
            lied = [*entrants[:place], told, *entrants[place + 1 :]]
            got = match(lied, vacant).get(honest.ticket)
            is_wanted = got is None or got in {*honest.wishes, honest.offers}
            assert not is_wanted or rank_of(honest, got) >= best


@given(markets(most=8), st.randoms(use_true_random=False))
def test_the_order_of_the_homes_changes_nothing(
    market: tuple[list[Entrant], list[UnitNumber]], shuffle: Any
) -> None:
    entrants, vacant = market
    shuffled = list(vacant)
    shuffle.shuffle(shuffled)
    assert rematch_homes(entrants=entrants, vacant=shuffled) == rematch_homes(
        entrants=entrants, vacant=vacant
    )


def record_of(*entries: Entry, vacant: Sequence[UnitNumber] = ()) -> dict[str, Any]:
    shown = show_list(
        project="YS-2026", quarter="2026-Q3", rules_version="1", vacant=vacant, entries=entries
    )
    told: dict[str, Any] = show_record(shown, derive_result(shown))
    return told


def line(ticket: str, place: int, standing: Standing, *wishes: str, offers: str = "") -> Entry:
    return Entry(
        ticket=Ticket(ticket),
        place=place,
        standing=standing,
        offers=UnitNumber(offers) if offers else None,
        wishes=tuple(UnitNumber(wish) for wish in wishes),
    )


def sample() -> dict[str, Any]:
    return record_of(
        line("W", 1, Standing.WAIVED, "9"),
        line("H", 2, Standing.HOLDER, "9", offers="5"),
        line("M", 3, Standing.MISSED, "5", "9"),
        vacant=[home(9), home(8)],
    )


def failed(record: dict[str, Any], *, digest: str | None = None) -> str:
    checks = verify_rematch(canonical(record), list_digest=digest)
    assert [check.number for check in checks] == list(range(1, len(checks) + 1))
    return "" if all(check.met for check in checks) else checks[-1].name


@pytest.mark.pitfall("P4")
def test_the_list_stands_in_its_order_and_a_waiver_comes_last() -> None:
    record = sample()
    assert [entry["ticket"] for entry in record["list"]["entries"]] == ["M", "H", "W"]
    assert failed(record) == ""
    assert failed(record, digest=record["list_digest"]) == ""
    assert failed(record, digest="0" * 64) == "list"
    assert {told["ticket"]: told["home"] for told in record["result"]["homes"]} == {
        "M": "5",
        "H": "9",
    }


def resign(record: dict[str, Any]) -> None:
    """Let a forger who may write the whole file put the digest right again."""
    record["list_digest"] = digest_list(record["list"])


def forge(record: dict[str, Any], name: str) -> None:
    entries, result = record["list"]["entries"], record["result"]
    if name == "wish":
        entries[0]["wishes"].reverse()
    elif name == "order":
        entries.reverse()
        resign(record)
    elif name == "standing":
        entries[2]["standing"] = "missed"
        entries[2]["offers"] = "8"
        entries.sort(key=lambda entry: entry["place"])
        resign(record)
    elif name == "result":
        result["homes"][0]["home"] = "8"
    elif name == "key":
        record["more"] = 1
    elif name == "format":
        record["list"]["format"] = "anju-rematch-2"
        resign(record)
    elif name == "ticket":
        entries[0]["ticket"] = entries[1]["ticket"]
        resign(record)


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("wish", "list"),
        ("order", "order"),
        ("standing", "order"),
        ("result", "result"),
        ("key", "spelling"),
        ("format", "spelling"),
        ("ticket", "result"),
    ],
)
def test_a_forged_file_fails_at_the_check_it_forged(name: str, check: str) -> None:
    record = sample()
    forge(record, name)
    assert failed(record) == check


@given(st.binary(max_size=200))
def test_no_stranger_file_makes_the_checks_raise(raw: bytes) -> None:
    assert not verify_rematch(raw)[-1].met


def test_control_the_last_check_finds_a_mechanism_that_protects_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def in_turn(*, entrants: Sequence[Entrant], vacant: Collection[UnitNumber]) -> Rematched:
        return Rematched(homes=serve_in_turn(entrants, vacant), steps=())

    monkeypatch.setattr(rematch_records, "rematch_homes", in_turn)
    record = record_of(
        line("A", 1, Standing.HOLDER, "2", offers="1"),
        line("B", 2, Standing.HOLDER, "3", offers="2"),
    )
    assert failed(record) == "protection"
