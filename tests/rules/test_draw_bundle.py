"""A published draw: what the rules write they accept, and every check has its reason."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from anju_rules.draw_bundle import CHECKS, digest_order, judge_bundle, show_bundle, write_bundle
from anju_rules.draw_records import read_draw
from anju_rules.draws import Draw, Scheme, derive_draw
from anju_rules.hashing import canonical
from tests.support.real_data import real_data

pytestmark = pytest.mark.req("DRW-1", "DRW-3")


@pytest.fixture(scope="module", params=[0, 1, 2])
def draw(request: pytest.FixtureRequest) -> Draw:
    cases = json.loads(real_data("vectors/draw.json").read_text(encoding="utf-8"))["cases"]
    return read_draw(cases[request.param]["input"], scheme=Scheme.REAL)


def test_the_published_vectors_make_valid_bundles(draw: Draw) -> None:
    result = derive_draw(draw)
    judgement = judge_bundle(write_bundle(show_bundle(draw, result)))
    assert judgement.is_valid, judgement.code
    assert judgement.order == result.order
    assert judgement.seed == result.seed.hex()
    assert judgement.order_digest == digest_order(result.order).hex()


def test_its_bytes_are_rfc_8785(draw: Draw) -> None:
    shown = show_bundle(draw, derive_draw(draw))
    assert write_bundle(shown) == canonical(shown)


def test_another_announcement_than_the_readers_is_refused(draw: Draw) -> None:
    result = derive_draw(draw)
    raw = write_bundle(show_bundle(draw, result))
    assert judge_bundle(raw, announcement=result.announcement.hex()).is_valid
    judgement = judge_bundle(raw, announcement="0" * 64)
    assert (judgement.number, judgement.code) == (7, "draw.bundle-other-announcement")


@pytest.mark.threat("T-09")
def test_a_real_draw_is_no_rehearsal(draw: Draw) -> None:
    raw = write_bundle(show_bundle(draw, derive_draw(draw)))
    judgement = judge_bundle(raw, scheme=Scheme.REHEARSAL)
    assert (judgement.number, judgement.code) == (3, "draw.bundle-other-kind")


@pytest.mark.pitfall("P1")
def test_a_void_draw_keeps_its_secrets_and_has_no_result(draw: Draw) -> None:
    result = derive_draw(draw)
    shown = show_bundle(draw, result, void="custody")
    judgement = judge_bundle(write_bundle(shown))
    assert (judgement.number, judgement.code) == (9, "draw.bundle-void")
    assert judgement.order == ()
    unread = show_bundle(replace(draw, secrets=(), beacon=()), None, void="custody")
    assert judge_bundle(write_bundle(unread)).number == CHECKS.index("void") + 1
