"""Uploads: two hundred that mean harm, and the honest ones beside them (T-30)."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from anju.foundation.documents import cleaning, images, papers
from anju.foundation.documents.cleaning import make_harmless
from anju.foundation.documents.kinds import DocumentKind, kind_of
from anju_rules.values import Refusal
from tests.support.hostile_files import MARK, hostile_uploads, picture, plain_ofd, plain_pdf

FEWEST = 200


def always(answer: object) -> Callable[..., object]:
    """Give a defence that looks at nothing."""
    return lambda *_given, **_told: answer


def come_through() -> list[str]:
    """Give the names of the uploads that are kept with their malice."""
    through = []
    for hostile in hostile_uploads():
        try:
            kept = make_harmless(hostile.content)
        except Refusal:
            continue
        if MARK in kept.content or kept.kind in {DocumentKind.PDF, DocumentKind.OFD}:
            through.append(hostile.name)
    return through


@pytest.mark.threat("T-30")
@pytest.mark.req("SEC-6")
def test_every_hostile_upload_is_refused_or_neutralised() -> None:
    corpus = hostile_uploads()
    assert len({hostile.name for hostile in corpus}) == len(corpus) >= FEWEST
    assert come_through() == []


@pytest.mark.threat("T-30")
@pytest.mark.parametrize(
    ("module", "defence", "without", "fewest"),
    [
        (papers, "require_plain_pdf", always(1), 60),
        (papers, "require_plain_ofd", always(1), 10),
        (cleaning, "redraw_image", lambda content, *, kind: (kind, content), 30),
        (papers, "_require_plain", always(None), 50),
        (papers, "_judge_ofd_part", always(1), 3),
        (papers, "_require_sane_zip", always(None), 8),
    ],
)
def test_without_one_defence_the_corpus_comes_through(
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    defence: str,
    without: Callable[..., object],
    fewest: int,
) -> None:
    monkeypatch.setattr(module, defence, without)
    assert len(come_through()) >= fewest


def test_a_picture_too_large_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def load(self: Image.Image) -> None:
        raise AssertionError(self.size)

    huge = next(each for each in hostile_uploads() if each.name == "PNG of 60000 x 60000")
    monkeypatch.setattr(Image.Image, "load", load)
    with pytest.raises(Refusal) as refused:
        images.redraw_image(huge.content, kind=DocumentKind.PNG)
    assert refused.value.code == "documents.image-too-large"


def test_honest_papers_are_taken() -> None:
    assert make_harmless(plain_pdf(pages=3)).pages == 3
    assert make_harmless(plain_ofd(pages=2)).pages == 2
    linked = plain_pdf(page="/Annots [<< /Subtype /Link /A << /S /URI /URI (a) >> >>]")
    assert make_harmless(linked).content == linked


def test_a_photograph_comes_out_upright_and_without_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x8825] = {1: "N", 2: (36.0, 40.0, 0.0)}
    kept = make_harmless(picture("JPEG", size=(40, 20), exif=exif))
    with Image.open(BytesIO(kept.content)) as drawn:
        assert drawn.size == (20, 40)
        assert not dict(drawn.getexif())


def test_a_telephones_heic_becomes_jpeg() -> None:
    heic = picture("HEIF", size=(64, 48))
    assert kind_of(heic) is DocumentKind.HEIC
    kept = make_harmless(heic)
    assert kept.kind is DocumentKind.JPEG
    with Image.open(BytesIO(kept.content)) as drawn:
        assert drawn.size == (64, 48)


def test_each_bound_has_its_word() -> None:
    for content, code in (
        (b"", "documents.empty"),
        (b"%PDF-" + bytes(cleaning.MOST_BYTES), "documents.too-large"),
        (b"hello", "documents.kind-not-taken"),
        (plain_pdf(pages=501), "documents.too-many-pages"),
    ):
        with pytest.raises(Refusal) as refused:
            make_harmless(content)
        assert refused.value.code == code
