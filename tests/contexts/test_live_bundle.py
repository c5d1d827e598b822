"""A result chosen live: both verifiers judge every turn, and refuse every forgery by its number."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from anju.resettlement.offline.standalone import verify_bundle as verifier
from anju_rules.verify.bundle import Pins, verify_bundle
from tests.support.bundle_plan import PEOPLE
from tests.support.bundles import Files, change, make_bundle, raw_of, ticket_of, write_bundle
from tests.support.forging import SEED, Forge, mutations, switch_off
from tests.support.live_bundle import make_live_bundle, remake

pytestmark = [pytest.mark.req("SEL-2"), pytest.mark.req("SEL-1")]
Edit = Callable[[Files], Any]


def judged(files: Files, forge: Forge) -> tuple[int, int]:
    """Give the number of the first failed check of each verifier; 0: none."""
    checks = verify_bundle(
        {name: raw_of(value) for name, value in files.items()},
        pins=Pins(),
        is_signed=lambda *_: True,
    )
    own = 0 if checks[-1].met else checks[-1].number
    return own, forge.judge(files)


@pytest.fixture(scope="module")
def live() -> Files:
    return make_live_bundle()


@pytest.fixture(scope="module")
def forge(live: Files, tmp_path_factory: pytest.TempPathFactory) -> Forge:
    return Forge(write_bundle(tmp_path_factory.mktemp("live"), live), live)


def test_a_live_result_is_valid_as_a_whole_and_at_every_stage(live: Files, tmp_path: Path) -> None:
    for until in (None, *range(len(live["turns.json"]))):
        files = make_live_bundle(until=until)
        place = write_bundle(tmp_path / str(until), files)
        assert judged(files, Forge(place, files)) == (0, 0), until


def lines_of(files: Files, what: str) -> list[Files]:
    return [line for line in files["turns.json"] if line["what"] == what]


def line_of(files: Files, letter: str, what: str = "chosen") -> Files:
    return next(line for line in lines_of(files, what) if line["ticket"] == ticket_of(letter))


def take(letter: str, *units: str) -> Edit:
    """Say that a household took these homes."""
    return lambda files: line_of(files, letter).update(units=list(units))


def put(number: int, **values: Any) -> Edit:
    """Change the values of one line."""
    return lambda files: files["turns.json"][number].update(values)


def swap_first_calls(files: Files) -> None:
    """Let the second of the batch choose before the first was called."""
    turns = files["turns.json"]
    turns[:4] = turns[2:4] + turns[:2]
    times = sorted(line["at"] for line in turns[:4])
    for line, at in zip(turns[:4], times, strict=True):
        line["at"] = at
    turns[0]["limit_at"] = turns[2]["limit_at"] = "2026-12-01T09:59:00+08:00"
    # The first one is missed at the end of its time: later than all that stands around it.
    turns[3]["at"] = turns[4]["at"] = "2026-12-01T09:59:00+08:00"
    for line in turns[5:]:
        line["at"] = "2026-12-01T09:59:00+08:00"
        line["limit_at"] = line["limit_at"] and "2026-12-01T10:59:00+08:00"
    turns[4]["limit_at"] = "2026-12-01T10:59:00+08:00"


def skip_a_household(files: Files) -> None:
    """Never call the second of the first batch, and go on."""
    del files["turns.json"][2:4]


def batch_too_early(files: Files) -> None:
    """Let the second batch begin while the last of the first still waits."""
    place = files["order.json"][2]["place"]
    files["turns.json"] = [line for line in files["turns.json"] if line["place"] != place]


def return_at_once(files: Files) -> None:
    """Let the household that missed its turn come back before the others."""
    turns = files["turns.json"]
    late = turns[1]["place"]
    back = [line for line in turns[2:] if line["place"] == late]
    rest = [line for line in turns[2:] if line["place"] != late]
    for line in back:
        line["at"] = turns[1]["at"]
    turns[2:] = back + rest


def miss_too_early(files: Files) -> None:
    lines_of(files, "missed")[0]["at"] = lines_of(files, "called")[0]["at"]


def choose_too_late(files: Files) -> None:
    lines_of(files, "chosen")[-1]["at"] = "2026-12-01T18:00:00+08:00"
    lines_of(files, "waived")[-1]["at"] = "2026-12-01T18:00:00+08:00"
    for line in files["turns.json"][files["turns.json"].index(lines_of(files, "chosen")[-1]) :]:
        line["at"] = "2026-12-01T18:00:00+08:00"
        line["limit_at"] = line["limit_at"] and "2026-12-01T19:00:00+08:00"


def choose_twice(files: Files) -> None:
    line = copy.deepcopy(line_of(files, "B"))
    line.update(units=["3-902"], event="00000000-0000-4000-8000-000000000000")
    files["turns.json"].append(line | {"at": files["turns.json"][-1]["at"]})


def two_called(files: Files) -> None:
    """Call the next household while the first still chooses."""
    turns = files["turns.json"]
    at = next(n for n in range(len(turns)) if turns[n]["what"] == "chosen")
    turns[at]["at"] = turns[at + 1]["at"]
    turns[at], turns[at + 1] = turns[at + 1], turns[at]


def one_event(files: Files) -> None:
    files["turns.json"][1]["event"] = files["turns.json"][0]["event"]


def another_batch(files: Files) -> None:
    files["turns.json"][0]["batch"] += 1


def another_ticket(files: Files) -> None:
    files["turns.json"][0]["ticket"] = files["order.json"][1]["ticket"]


def tell_exchange(files: Files, letter: str, *units: str, after: str = "") -> None:
    """Say that a household swapped for these homes, right after ``after`` (or itself) chose."""
    turns = files["turns.json"]
    line = line_of(files, letter)
    place = turns.index(line_of(files, after or letter)) + 1
    event = f"00000000-0000-4000-8000-{len(turns):012d}"
    at = turns[place - 1]["at"]
    turns.insert(place, {**line, "what": "exchanged", "units": [*units], "at": at, "event": event})
    for seq, one in enumerate(turns, 1):
        one["seq"] = seq


def exchange(letter: str, *units: str, after: str = "") -> Edit:
    return lambda files: tell_exchange(files, letter, *units, after=after)


def return_twice(files: Files) -> None:
    """Let a household that was missed and came back defer as well."""
    turns = files["turns.json"]
    late = next(line["place"] for line in turns if line["what"] == "returned")
    chosen = next(n for n, line in enumerate(turns) if line["place"] == late and line["units"])
    again = {**turns[chosen], "what": "returned", "units": [], "event": str(UUID(int=7))}
    turns.insert(chosen, again)


FORGERIES: dict[str, Edit] = {
    "out of turn": swap_first_calls,
    "a household passed over": skip_a_household,
    "a batch too early": batch_too_early,
    "back before the end of the batch": return_at_once,
    "two called at once": two_called,
    "missed before its time was up": miss_too_early,
    "chosen after its time was up": choose_too_late,
    "chosen twice": choose_twice,
    "one home for two": take("H", "3-101"),
    "a home that is none": take("H", "9-999"),
    "a home named twice": take("H", "3-201", "3-201"),
    "over the area budget": take("F", "3-901"),
    "a home kept for others": take("C", "1-102"),
    "a home against a need": take("D", "3-902"),
    "too many homes": take("A", "1-201", "1-601", "1-701", "1-801"),
    "two homes where one is allowed": take("A", "2-101", "2-102"),
    "communities that exclude each other": take("A", "2-101", "3-101"),
    "one ledger entry for two lines": one_event,
    "another batch": another_batch,
    "another household's place": another_ticket,
    "no such place": put(0, place=99),
    "no such day": put(0, at="2026-02-30T09:00:00+08:00"),
    "a call without a limit": put(0, limit_at=None),
    "a call with a home": put(0, units=["3-902"]),
    "a reason for nothing": put(0, reason="household"),
    "time runs back": put(2, at="2026-11-30T09:00:00+08:00"),
    "a choice of nothing": take("H"),
    "an exchange of nothing": exchange("E"),
    "an exchange for a home that nobody chose": exchange("E", "3-902"),
    "an exchange with oneself": exchange("E", "1-102"),
    "an exchange for a home that is not for the other": exchange("C", "1-101"),
    "an exchange with another batch": exchange("E", "2-102"),
    "an exchange that names a home twice": exchange("E", "3-101", "3-101"),
    "an exchange before the choice": exchange("E", "3-101", after="F"),
    "back twice": return_twice,
}


@pytest.mark.threat("T-12")
@pytest.mark.parametrize("forgery", list(FORGERIES))
def test_no_forged_turn_is_accepted_even_with_a_new_ledger(
    forgery: str, live: Files, forge: Forge
) -> None:
    """The forger writes result, ledger, proofs and manifest anew: check 13 refuses all the same."""

    def edit(files: Files) -> None:
        FORGERIES[forgery](files)
        places = {turn["place"] for turn in files["order.json"]}
        units = {unit["number"] for unit in files["units.json"]}
        known = all(
            line["place"] in places and units.issuperset(line["units"])
            for line in files["turns.json"]
        )
        if known:
            remake(files)

    changed = change(live, edit, ledger=True)
    assert judged(changed, forge) == (13, 13)


@pytest.mark.req("MAT-1")
def test_both_verifiers_follow_an_exchange(live: Files, forge: Forge) -> None:
    """E and F swap what they may both have; the result then names the other's homes."""
    swapped = change(live, _exchanged, ledger=True)
    assert judged(swapped, forge) == (0, 0)
    rows = {row["ticket"]: row["units"] for row in swapped["choices.json"]}
    assert (rows[ticket_of("E")], rows[ticket_of("F")]) == (["3-101"], ["1-102"])


def _exchanged(files: Files) -> None:
    tell_exchange(files, "E", "3-101")
    remake(files)


def test_a_late_turn_is_refused_where_the_plan_allows_none(tmp_path: Path) -> None:
    files = make_live_bundle(late="refused")
    assert judged(files, Forge(write_bundle(tmp_path, files), files)) == (13, 13)


@pytest.mark.parametrize(
    ("desks", "called", "number"), [(2, 2, 0), (3, 2, 0), (2, 3, 13), (1, 2, 13)]
)
def test_at_most_as_many_are_called_at_once_as_the_plan_has_desks(
    desks: int, called: int, number: int, tmp_path: Path
) -> None:
    files = make_live_bundle(desks=desks, called_at_once=called)
    assert judged(files, Forge(write_bundle(tmp_path, files), files)) == (number, number)


@pytest.mark.req("SEL-3")
@pytest.mark.parametrize(
    ("terms", "is_known"),
    [
        ({"signatures": 1, "sign_seconds": 90, "hot_from_wishes": 5, "seconds": 600}, True),
        ({"signatures": 3}, False),
        ({"sign_seconds": 9}, False),
        ({"hot_from_wishes": 0}, False),
        ({"desks": 21}, False),
        ({"seconds": 5}, False),
        ({"desk": 1}, False),
    ],
)
def test_both_verifiers_know_the_same_terms_of_turns(
    terms: dict[str, Any], is_known: bool, tmp_path: Path
) -> None:
    files = make_live_bundle(**terms)
    own, alone = judged(files, Forge(write_bundle(tmp_path, files), files))
    assert (not own, not alone) == (is_known, is_known)


@pytest.mark.parametrize("letter", list(PEOPLE))
def test_no_other_result_follows_from_the_same_turns(
    letter: str, live: Files, forge: Forge
) -> None:
    def edit(files: Files) -> None:
        row = next(row for row in files["choices.json"] if row["ticket"] == ticket_of(letter))
        row["state"] = "waived" if row["state"] == "chosen" else "missed"

    assert judged(change(live, edit, ledger=True), forge) == (13, 13)


@pytest.mark.parametrize("name", ["turns", "choices"])
def test_both_verifiers_agree_on_every_changed_line(name: str, live: Files, forge: Forge) -> None:
    """Any value changed, ledger and manifest made anew: both refuse, or both accept.

    Accepted is only what the pinned root alone binds: a moment that breaks no rule, an entry's id.
    """
    dice = random.Random(f"{SEED} live {name}")
    accepted = set()
    for what, value in mutations(live[name + ".json"], each=1, share=0.12, dice=dice):
        try:
            changed = change({**live, name + ".json": value}, lambda _: None, ledger=True)
        except (KeyError, TypeError, AttributeError):
            continue
        own, alone = judged(changed, forge)
        same = raw_of(changed[name + ".json"]) == raw_of(live[name + ".json"])
        assert bool(own) is bool(alone), what
        if not own and not same:
            accepted.add(what.split("'")[1])
    print(f"seed {SEED}: {name} accepted {sorted(accepted)}")  # noqa: T201
    assert accepted <= ({"at", "limit_at", "event"} if name == "turns" else set())


def test_a_record_cannot_be_left_out(live: Files, forge: Forge) -> None:
    """Without the record it is a result by wishes, and those give other homes."""

    def edit(files: Files) -> None:
        files["manifest.json"]["format"] = "anju-bundle-1"

    number, alone = judged(change(live, edit), forge)
    assert number > 0
    assert alone > 0


def test_control_without_the_check_a_forged_turn_is_accepted(
    live: Files, forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edit(files: Files) -> None:
        take("F", "3-901")(files)
        remake(files)

    changed = change(live, edit, ledger=True)
    assert forge.judge(changed) == 13
    monkeypatch.setattr(verifier, "unmet_codes", lambda *_: [])
    assert forge.judge(changed) == 0
    monkeypatch.undo()
    switch_off(monkeypatch, 13, _believe)
    assert forge.judge(changed) == 0


def _believe(b: Any) -> None:
    rows = verifier.load(b, "choices", list)
    b.proofs = [row["proof"] for row in rows]
    b.choices = [{name: value for name, value in row.items() if name != "proof"} for row in rows]


def test_a_result_by_wishes_is_judged_as_before(tmp_path: Path) -> None:
    files = make_bundle()
    del files["signature.json"]
    assert judged(files, Forge(write_bundle(tmp_path, files), files)) == (0, 0)
