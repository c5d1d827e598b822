"""A name written on glass: what is taken, what is refused, and what is drawn."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from anju.foundation.documents.cleaning import make_harmless
from anju.foundation.documents.strokes import HEIGHT, WIDTH, draw_strokes, read_strokes
from anju_rules.values import Refusal

NAME = "[[100,60,400,60,250,300],[300,200,520,320]]"


@pytest.mark.req("CRT-3")
def test_strokes_become_a_picture_that_is_kept_as_it_was_drawn() -> None:
    drawn = draw_strokes(read_strokes(NAME))
    picture = Image.open(BytesIO(drawn))
    assert picture.size == (WIDTH, HEIGHT)
    assert picture.getpixel((250, 60)) == 0, "on the first stroke"
    assert picture.getpixel((800, 300)) == 255, "where nobody wrote"
    assert make_harmless(drawn).kind.value == "png"


@pytest.mark.req("CRT-3")
@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("", "documents.signature-empty"),
        ("[]", "documents.signature-empty"),
        ("[[5,5]]", "documents.signature-empty"),
        ("[[5,5,6,6]]", "documents.signature-empty"),
        ("{", "documents.signature-malformed"),
        ("7", "documents.signature-malformed"),
        ("[7]", "documents.signature-malformed"),
        ("[[1,2,3]]", "documents.signature-malformed"),
        ("[[0.5,2,3,4]]", "documents.signature-malformed"),
        ("[[true,2,300,4]]", "documents.signature-malformed"),
        (f"[[0,0,{WIDTH + 1},0]]", "documents.signature-malformed"),
        ("[[-1,0,300,0]]", "documents.signature-malformed"),
        ("[" * 30_000, "documents.signature-malformed"),
        (json.dumps([[0, 0, 300, 0]] * 200), "documents.signature-too-long"),
        (json.dumps([[0, 1] * 7_000]), "documents.signature-too-long"),
        (" " * 70_000, "documents.signature-too-long"),
    ],
)
def test_what_is_no_name_is_refused(told: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_strokes(told)
    assert refused.value.code == code


@given(st.recursive(st.integers() | st.text() | st.none() | st.floats(), st.lists))
def test_whatever_is_sent_is_read_or_refused_by_name(raw: object) -> None:
    try:
        strokes = read_strokes(json.dumps(raw))
    except Refusal as refusal:
        told = refusal.code
    else:
        told = draw_strokes(strokes)[1:4].decode()
    assert told == "PNG" or told.startswith("documents.signature-")
