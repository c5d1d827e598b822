"""The draw protocol anju-draw-1."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anju_rules import draws
from anju_rules.beacons import check_beacon
from anju_rules.draw_records import read_draw, recompute_draw, show_draw, show_result
from anju_rules.draws import Draw, Line, Scheme, Terms, derive_draw
from anju_rules.hashing import digest
from anju_rules.values import Refusal, Ticket
from tests.support.real_data import real_data

RULE = "balls:6x00-99;sse:close,turnover;szse:close,turnover"
BEACON = ("07 41 58 03 96 22", "3912.47", "482315000000", "12764.03", "611902000000")
TERMS = Terms(
    scheme=Scheme.REAL,
    draw_id="YS-2026-D01",
    stratum="普通户",
    freeze_at="2026-11-23T17:00:00+08:00",
    beacon_at="2026-11-26T15:30:00+08:00",
    beacon_rule=RULE,
    redraw_rule="void-causes-1",
)
Orderer = Callable[[Scheme, bytes, Iterable[Ticket]], tuple[Ticket, ...]]


def a_line(number: int) -> Line:
    return Line(Ticket(f"YS-{number:05d}"), digest(f"record {number}".encode()))


def a_draw(
    *, count: int = 5, seed: int = 1, terms: Terms = TERMS, disputed: tuple[Line, ...] = ()
) -> Draw:
    secrets = tuple((who, digest(f"{who} {seed}".encode())) for who in ("operator", "notary"))
    commitments = tuple(
        (
            who,
            draws.commit_secret(scheme=terms.scheme, draw_id=terms.draw_id, who=who, secret=secret),
        )
        for who, secret in secrets
    )
    return Draw(
        terms=terms,
        lines=tuple(a_line(number) for number in range(count)),
        disputed=disputed,
        secrets=secrets,
        commitments=commitments,
        beacon=BEACON,
    )


@pytest.mark.req("DRW-3")
def test_the_worked_draws_come_out_to_the_letter() -> None:
    cases = json.loads(real_data("vectors/draw.json").read_text(encoding="utf-8"))["cases"]
    assert len(cases) == 3
    for case in cases:
        assert recompute_draw(case["input"]) == case["expected"]


@given(st.permutations(range(12)), st.integers(0, 50))
def test_the_order_of_the_list_does_not_matter(order: list[int], seed: int) -> None:
    draw = a_draw(count=12, seed=seed)
    turned = dataclasses.replace(draw, lines=tuple(draw.lines[place] for place in order))
    assert derive_draw(turned) == derive_draw(draw)


@given(st.integers(0, 11), st.binary(min_size=32, max_size=32))
def test_a_household_struck_moves_nobody_else(struck: int, seed: bytes) -> None:
    tickets = [a_line(number).ticket for number in range(12)]
    order = draws.order_tickets(scheme=Scheme.REAL, seed=seed, tickets=tickets)
    left = draws.order_tickets(
        scheme=Scheme.REAL, seed=seed, tickets=[one for one in tickets if one != tickets[struck]]
    )
    assert left == tuple(one for one in order if one != tickets[struck])


def chi_square_of_orders(orderer: Orderer, *, runs: int = 60_000) -> float:
    """Chi-square over all 120 orders of five tickets, from published seeds 0 to ``runs``."""
    tickets = [a_line(number).ticket for number in range(5)]
    seen = Counter(
        orderer(Scheme.REAL, digest(f"seed {run}".encode()), tickets) for run in range(runs)
    )
    expected = runs / 120
    every = itertools.permutations(tickets)
    return sum((seen[order] - expected) ** 2 / expected for order in every)


# The 0.001 point of chi-square with 119 degrees of freedom.
ONE_IN_A_THOUSAND = 174.0


@pytest.mark.req("DRW-1", "DRW-3")
@pytest.mark.pitfall("P3")
def test_every_order_of_five_is_as_likely_as_any() -> None:
    def by_protocol(scheme: Scheme, seed: bytes, tickets: Iterable[Ticket]) -> tuple[Ticket, ...]:
        return draws.order_tickets(scheme=scheme, seed=seed, tickets=tickets)

    assert chi_square_of_orders(by_protocol) < ONE_IN_A_THOUSAND


@pytest.mark.pitfall("P3")
def test_the_order_of_the_list_itself_would_fail_that_test() -> None:
    """Control: a draw that draws nothing, and one with a slight favour, are both found out."""

    def identity(_: Scheme, __: bytes, tickets: Iterable[Ticket]) -> tuple[Ticket, ...]:
        return tuple(tickets)

    def favours(_: Scheme, seed: bytes, tickets: Iterable[Ticket]) -> tuple[Ticket, ...]:
        order = list(draws.order_tickets(scheme=Scheme.REAL, seed=seed, tickets=tickets))
        if seed[0] < 26:
            order.sort(key=lambda ticket: ticket != "YS-00003")
        return tuple(order)

    assert chi_square_of_orders(identity) > ONE_IN_A_THOUSAND
    assert chi_square_of_orders(favours) > ONE_IN_A_THOUSAND


@pytest.mark.threat("T-05")
def test_a_clash_is_found_in_every_forged_list() -> None:
    """Two households given one ticket, or one entry under two tickets: 1,000 of 1,000 found."""
    chance = random.Random(5)
    found = 0
    for _ in range(1000):
        lines = [a_line(number) for number in range(chance.randrange(2, 40))]
        one, other = chance.sample(range(len(lines)), 2)
        if chance.random() < 0.5:
            lines[other] = Line(lines[one].ticket, lines[other].commitment)
            wanted = "draw.ticket-twice"
        else:
            lines[other] = Line(lines[other].ticket, lines[one].commitment)
            wanted = "draw.commitment-twice"
        with pytest.raises(Refusal) as refused:
            draws.freeze_list(lines)
        found += refused.value.code == wanted
    assert found == 1000


def test_a_clash_also_counts_between_the_list_and_the_disputed() -> None:
    for disputed in (a_line(3), Line(Ticket("YS-99999"), a_line(3).commitment)):
        with pytest.raises(Refusal):
            derive_draw(a_draw(disputed=(disputed,)))


def _each_change(value: Any) -> Iterable[Any]:
    """Give every value with one leaf changed, one item dropped or two items swapped."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield {name: one for name, one in value.items() if name != key}
            for changed in _each_change(inner):
                yield {**value, key: changed}
        yield {**value, "more": ""}
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield value[:place] + value[place + 1 :]
            for changed in _each_change(inner):
                yield [*value[:place], changed, *value[place + 1 :]]
    else:
        for changed in (value.upper(), f" {value}", f"{value} ", f"{value}0", value[:-1], None, 7):
            if changed != value:
                yield changed


@pytest.mark.req("DRW-3")
@pytest.mark.threat("T-01")
def test_every_change_of_an_input_changes_the_result_or_is_refused() -> None:
    """Whoever changes anything announced, after the announcement, is found out."""
    published = show_draw(a_draw(count=4, disputed=(a_line(90),)))
    told = show_result(
        read_draw(published, scheme=Scheme.REAL),
        derive_draw(a_draw(count=4, disputed=(a_line(90),))),
    )
    commitments: dict[str, str] = told["commitments"]  # type: ignore[assignment]
    tried = accepted = 0
    for changed in _each_change(published):
        tried += 1
        try:
            draw = read_draw(changed, scheme=Scheme.REAL, commitments=commitments)
            accepted += show_result(draw, derive_draw(draw)) == told
        except Refusal:
            continue
    assert tried > 200
    assert accepted == 0


@pytest.mark.threat("T-01")
def test_without_the_commitments_a_changed_secret_would_pass() -> None:
    """Control: it is the announced commitment, not the derivation, that fixes a secret."""
    published = show_draw(a_draw())
    garbled = json.loads(json.dumps(published))
    garbled["committers"][1]["secret"] = "ab" * 32
    assert recompute_draw(garbled)["order"] != recompute_draw(published)["order"]
    announced = recompute_draw(published)["commitments"]
    with pytest.raises(Refusal) as refused:
        derive_draw(read_draw(garbled, scheme=Scheme.REAL, commitments=announced))  # type: ignore[arg-type]
    assert refused.value.code == "draw.commit-invalid"


@pytest.mark.pitfall("P1")
def test_another_draw_number_gives_another_announcement_and_seed() -> None:
    """A second run of the same list is another draw; it cannot replace the first."""
    again = dataclasses.replace(TERMS, draw_id="YS-2026-D02")
    first, second = derive_draw(a_draw()), derive_draw(a_draw(terms=again))
    assert first.root == second.root
    assert (first.announcement, first.seed) != (second.announcement, second.seed)
    old_secrets = dataclasses.replace(a_draw(terms=again), commitments=a_draw().commitments)
    with pytest.raises(Refusal) as refused:
        derive_draw(old_secrets)
    assert refused.value.code == "draw.commit-invalid"


@pytest.mark.threat("T-09")
def test_a_rehearsal_is_never_taken_for_the_real_draw_nor_the_reverse() -> None:
    rehearsed = dataclasses.replace(
        TERMS, scheme=Scheme.REHEARSAL, beacon_at="2026-06-30T15:30:00+08:00"
    )
    rehearsal = show_draw(a_draw(terms=rehearsed))
    assert recompute_draw(rehearsal, scheme=Scheme.REHEARSAL)["order"]
    for published, scheme in ((rehearsal, Scheme.REAL), (show_draw(a_draw()), Scheme.REHEARSAL)):
        with pytest.raises(Refusal) as refused:
            recompute_draw(published, scheme=scheme)
        assert refused.value.code in {
            "draw.beacon-before-freeze",
            "draw.rehearsal-beacon-not-past",
        }


@pytest.mark.threat("T-08")
def test_a_beacon_has_one_spelling_a_value() -> None:
    """Of 10^5 generated spellings of index values, only the one with two decimals is taken."""
    chance = random.Random(8)
    taken: dict[int, set[str]] = {}
    for _ in range(100_000):
        cents = chance.randrange(2_000)
        whole, part = divmod(cents, 100)
        spelled = chance.choice(
            [
                f"{whole}.{part:02d}",
                f"{whole}.{part:02d}0",
                f"0{whole}.{part:02d}",
                f"{whole}.{part}",
                f"+{whole}.{part:02d}",
                f"{whole}.{part:02d} ",
                f"{whole},{part:02d}",
                f"{cents}e-2",
            ]
        )
        try:
            check_beacon(rule="sse:close", parts=[spelled])
        except Refusal:
            continue
        taken.setdefault(cents, set()).add(spelled)
    assert len(taken) == 2_000
    assert all(len(spellings) == 1 for spellings in taken.values())


@pytest.mark.threat("T-08")
@pytest.mark.parametrize(
    ("place", "part"),
    [
        (0, "7 41 58 03 96 22"),
        (0, "07  41 58 03 96 22"),
        (0, "07 41 58 03 96"),
        (0, "07 41 58 03 96 22\n"),
        (0, "０７ 41 58 03 96 22"),
        (1, "3912.470"),
        (1, "3912.5"),
        (1, "03912.47"),
        (2, "482315000000.00"),
        (2, "+482315000000"),
        (2, "0482315000000"),
        (2, ""),
    ],
)
def test_any_other_spelling_of_a_beacon_part_is_refused(place: int, part: str) -> None:
    parts = [*BEACON[:place], part, *BEACON[place + 1 :]]
    with pytest.raises(Refusal) as refused:
        check_beacon(rule=RULE, parts=parts)
    assert refused.value.code == "draw.beacon-malformed"


@pytest.mark.parametrize(
    "rule", ["", "sse", "sse:open", "balls:6x50-20", "sse:close;sse:close", "?"]
)
def test_an_unknown_beacon_rule_is_refused(rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_beacon(rule=rule, parts=["1.00"])
    assert refused.value.code == "draw.beacon-rule-unknown"


def test_a_missing_part_postpones_the_whole_draw() -> None:
    with pytest.raises(Refusal) as refused:
        check_beacon(rule=RULE, parts=BEACON[:4])
    assert refused.value.code == "draw.beacon-incomplete"
    check_beacon(rule="balls:2x10-20;drand:round", parts=["10 20", "ab" * 32])
    with pytest.raises(Refusal):
        check_beacon(rule="balls:2x10-20;drand:round", parts=["10 21", "ab" * 32])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"draw_id": "ys-1"}, "draw.ticket-malformed"),
        ({"stratum": ""}, "draw.stratum-missing"),
        ({"freeze_at": "2026-11-23 17:00:00"}, "draw.time-malformed"),
        ({"freeze_at": "2026-11-23T17:00:00Z"}, "draw.time-malformed"),
        ({"redraw_rule": "Void"}, "draw.redraw-rule-malformed"),
        ({"beacon_at": "2026-11-23T17:00:00+08:00"}, "draw.beacon-before-freeze"),
    ],
)
def test_terms_that_leave_anything_open_are_refused(changes: dict[str, str], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        derive_draw(a_draw(terms=dataclasses.replace(TERMS, **changes)))  # type: ignore[arg-type]
    assert refused.value.code == code


def test_an_empty_list_or_nobody_to_commit_is_refused() -> None:
    with pytest.raises(Refusal) as empty:
        derive_draw(a_draw(count=0))
    assert empty.value.code == "draw.list-empty"
    with pytest.raises(Refusal) as nobody:
        derive_draw(dataclasses.replace(a_draw(), secrets=(), commitments=()))
    assert nobody.value.code == "draw.no-committer"


def test_a_disputed_ticket_is_placed_by_its_own_key() -> None:
    """An addition comes only from the disputed list, at the place its key gives."""
    disputed = (a_line(50), a_line(51), a_line(52))
    result = derive_draw(a_draw(count=9, disputed=disputed))
    order = draws.order_tickets(
        scheme=Scheme.REAL,
        seed=result.seed,
        tickets=[*(line.ticket for line in (*a_draw(count=9).lines, *disputed))],
    )
    for ticket, before in result.disputed_before:
        later = [one for one in order[order.index(ticket) + 1 :] if one in result.order]
        assert before == (later[0] if later else None)


def test_a_record_is_bound_by_salt_and_scheme() -> None:
    record = {"number": "H-1", "persons": 3}
    bound = draws.commit_record(scheme=Scheme.REAL, salt=bytes(16), record=record)
    for scheme, salt, other in (
        (Scheme.REHEARSAL, bytes(16), record),
        (Scheme.REAL, b"\x01" + bytes(15), record),
        (Scheme.REAL, bytes(16), {**record, "persons": 4}),
    ):
        assert draws.commit_record(scheme=scheme, salt=salt, record=other) != bound
    with pytest.raises(Refusal):
        draws.commit_record(scheme=Scheme.REAL, salt=b"short", record=record)


@given(st.text(max_size=40))
def test_a_ticket_is_spelled_as_the_protocol_says_or_refused(text: str) -> None:
    allowed = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
    if 1 <= len(text) <= 32 and set(text) <= allowed:
        assert draws.check_ticket(text) == text
    else:
        with pytest.raises(Refusal):
            draws.freeze_list([Line(Ticket(text), bytes(32))])
