"""A household's slip: its own key and its own line, checked without a network."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import pytest

from anju_rules.draw_slips import (
    fill_slip,
    hash_line,
    judge_slip,
    read_slip,
    write_key_command,
    write_slip,
)
from anju_rules.draws import Line, Scheme, derive_key, freeze_list, order_tickets
from anju_rules.hashing import digest
from anju_rules.values import Refusal, Ticket

SEED = digest(b"anju slips 2026")
LINES = freeze_list(
    Line(Ticket(f"YS-{number:03d}"), digest(str(number).encode())) for number in range(41)
)
ORDER = order_tickets(scheme=Scheme.REAL, seed=SEED, tickets=[line.ticket for line in LINES.lines])


def slip_of(ticket: str) -> str:
    index = [line.ticket for line in LINES.lines].index(Ticket(ticket))
    return write_slip(
        fill_slip(
            scheme=Scheme.REAL,
            draw_id="YS-2026-D01",
            line=LINES.lines[index],
            place=ORDER.index(Ticket(ticket)) + 1,
            index=index,
            leaves=[hash_line(line) for line in LINES.lines],
            root=LINES.root,
            seed=SEED,
        )
    )


@pytest.mark.req("DRW-3")
def test_every_households_slip_proves_its_key_and_its_line() -> None:
    for place, ticket in enumerate(ORDER, start=1):
        slip = read_slip(slip_of(ticket))
        assert judge_slip(slip).met
        assert (slip.place, slip.size, slip.root) == (place, 41, LINES.root)


def test_a_slip_is_spelt_in_what_a_code_packs_tightest() -> None:
    text = slip_of("YS-007")
    assert set(text) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
    assert len(text) < 800


@pytest.mark.parametrize(
    ("change", "unmet"),
    [
        ({"ticket": "YS-008"}, {"draw.slip-key", "draw.slip-line"}),
        ({"seed": digest(b"another")}, {"draw.slip-key"}),
        ({"key": digest(b"another")}, {"draw.slip-key"}),
        ({"scheme": Scheme.REHEARSAL}, {"draw.slip-key"}),
        ({"root": digest(b"another")}, {"draw.slip-line"}),
        ({"commitment": digest(b"another")}, {"draw.slip-line"}),
        ({"index": 8}, {"draw.slip-line"}),
        ({"size": 7}, {"draw.slip-line"}),
        ({"place": 0}, {"draw.slip-line"}),
        ({"path": ()}, {"draw.slip-line"}),
    ],
)
def test_a_changed_slip_fails_the_check_it_touches(
    change: dict[str, object], unmet: set[str]
) -> None:
    bent = replace(read_slip(slip_of("YS-007")), **change)  # type: ignore[arg-type]
    assert {finding.code for finding in judge_slip(bent).unmet} == unmet


@pytest.mark.parametrize(
    "spoil",
    [
        str.lower,
        lambda text: text + " ",
        lambda text: text + "A" * 63,
        lambda text: text.replace("*41*", "*041*"),
        lambda text: text.replace("REAL", "OTHER"),
        lambda text: text.replace("ANJU-SLIP-1", "ANJU-SLIP-2"),
        lambda text: text.rsplit("*", 1)[0],
        lambda _text: "",
    ],
)
def test_another_spelling_is_refused(spoil: object) -> None:
    with pytest.raises(Refusal) as refused:
        read_slip(spoil(slip_of("YS-007")))  # type: ignore[operator]
    assert refused.value.code == "draw.slip-malformed"


@pytest.mark.req("DRW-5")
def test_the_one_line_gives_the_key_in_a_real_shell() -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine: install it to test the line families are given")
    # Every byte occurs in some seed: nothing of the spelling is left untried.
    for number in range(16):
        seed = bytes(range(number * 16, number * 16 + 16)) * 2
        line = write_key_command(scheme=Scheme.REAL, seed=seed, ticket=Ticket("YS-007"))
        told = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)
        if told.returncode:
            pytest.skip("this openssl has no SM3")
        key = derive_key(scheme=Scheme.REAL, seed=seed, ticket=Ticket("YS-007"))
        assert told.stdout.strip().endswith(key.hex())
