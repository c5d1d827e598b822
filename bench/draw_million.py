"""Score, draw and order a million households, beside a bare loop doing as many SM3 digests.

The yardstick digests messages of the same lengths, as often, in the fastest way CPython has:
whatever is above 1 is what scoring, checking, sorting and keeping a million households costs.
"""

from __future__ import annotations

import hashlib
import resource
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from anju_rules.draws import Line, Scheme, freeze_list, order_tickets
from anju_rules.hashing import digest, digest_each
from anju_rules.policy import RuleSet, read_rule_set
from anju_rules.queue import order_stratum
from anju_rules.scoring import compile_totals
from anju_rules.values import Fact, Tenths, Ticket
from bench.measure import report, seconds_of

HOUSEHOLDS = 1_000_000
SEED = digest(b"published seed 1")
EXAMPLE = Path(__file__).parents[1] / "examples" / "liuan-village" / "plan.toml"
AREAS = [Decimal(quarter) / 4 for quarter in range(640)]


def read_rules() -> RuleSet:
    """Read the example's rule set: eight scoring lines (SCO-1)."""
    plan = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    return read_rule_set({"facts": plan["facts"], "rules": plan["rules"]})


def make_facts(number: int) -> dict[str, Fact]:
    """Make the facts of one household, spread over the values that occur."""
    mixed = int.from_bytes(digest(number.to_bytes(4, "big"))[:8], "big")
    return {
        "persons": 1 + mixed % 7,
        "home_area_sqm": AREAS[(mixed >> 8) % len(AREAS)],
        "is_low_income": (mixed >> 24) % 12 == 0,
        "has_disability": (mixed >> 28) % 15 == 0,
        "has_member_over_70": (mixed >> 32) % 5 == 0,
        "signed_early": (mixed >> 36) % 2 == 0,
        "moved_on_time": (mixed >> 40) % 3 > 0,
    }


def draw_all(
    rules: RuleSet, facts: Sequence[dict[str, Fact]], lines: Sequence[Line]
) -> tuple[bytes, list[Tenths], list[Ticket]]:
    """Score, freeze, draw and order: what is measured. Gives root, totals and the final order."""
    totals = compile_totals(rules)(facts)
    frozen = freeze_list(lines)
    drawn = order_tickets(
        scheme=Scheme.REAL, seed=SEED, tickets=[line.ticket for line in frozen.lines]
    )
    total_of = dict(zip([line.ticket for line in lines], totals, strict=True))
    order = order_stratum(mode="score", scores=[total_of[ticket] for ticket in drawn])
    return frozen.root, totals, [drawn[place] for place in order]


def digest_bare(lengths: Sequence[int]) -> None:
    """Digest ``HOUSEHOLDS`` messages of each length, and nothing else."""
    copy = hashlib.new("sm3").copy
    for length in lengths:
        message = b"x" * length
        for _ in range(HOUSEHOLDS):
            state = copy()
            state.update(message)
            state.digest()


def main() -> None:
    """Measure work, verification and yardstick three times, in turn, and report the medians."""
    rules = read_rules()
    facts = [make_facts(number) for number in range(HOUSEHOLDS)]
    tickets = [Ticket(f"YS-{number:07d}") for number in range(HOUSEHOLDS)]
    commitments = digest_each(ticket.encode() for ticket in tickets)
    lines = [Line(*pair) for pair in zip(tickets, commitments, strict=True)]
    # A leaf, a node and a key for each household, of these lengths in bytes.
    lengths = (1 + 4 + len(tickets[0]) + 4 + 32, 65, 4 + 16 + 4 + 32 + 4 + len(tickets[0]))
    rounds: list[tuple[float, float, float]] = []
    for _ in range(3):
        published: list[object] = []
        work = seconds_of(lambda: published.append(draw_all(rules, facts, lines)))  # noqa: B023
        verified = seconds_of(
            lambda: published.append(draw_all(rules, facts, lines) == published[0])  # noqa: B023
        )
        if published[1] is not True:
            raise SystemExit("the second derivation differs from the first")
        bare = seconds_of(lambda: digest_bare(lengths))
        rounds.append((work, verified, bare))
    rounds.sort(key=lambda one: one[0] / one[2])
    work, verified, bare = rounds[1]
    report(
        name="draw-million",
        value=round(work, 2),
        unit="s",
        yardstick=round(bare, 2),
        ratio=round(work / bare, 2),
        yardstick_is=f"a bare loop of {3 * HOUSEHOLDS} SM3 digests of the same lengths",
        verify_seconds=round(verified, 2),
        peak_memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


if __name__ == "__main__":
    main()
