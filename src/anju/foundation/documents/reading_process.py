"""Read the text of one paper in a process of its own: the file comes in, JSON goes out.

Why a process: decoders and a neural network are run over what strangers made. Whatever a picture
does to them, it ends only this process, within limits of memory and time.

Run as a file by :mod:`anju.foundation.documents.reading`; it imports nothing of Anju and writes no
log: what stands on a paper goes to standard output and nowhere else. That holds one object,
``{"fault": code}`` or ``{"reader": name, "pages": [{"turned": quarters, "lines": [[text, certainty,
[[x, y] × 4]], ...]}, ...]}``; certainties in thousandths, corners in ten-thousandths of the page as
it is kept, however it was turned (counter-clockwise) to be read.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from typing import Any

from PIL import Image

Engine = Any
"""The reader of the extra, which need not be installed."""
Box = Any
"""Four corners in dots, as the reader gives them."""

MEMORY_BYTES = 6 * 1024**3
"""Addresses, not memory in use: the network's library reserves far more than it touches."""
MOST_PAGES = 40
"""Of a longer paper the first; the rest is a person's."""
_LONGEST_SIDE = 2_000
_DOTS_AN_INCH = 170
_POINTS_AN_INCH = 72
_MOST_DOTS = 50_000_000
_WHOLE = 10_000
_TEXT_FROM = 4
_THOUSAND = 1_000


def limit_this_process(seconds: int) -> None:
    """Keep a hostile picture from taking the machine with it; systems without limits go without."""
    try:
        import resource  # noqa: PLC0415 - some systems have none
    except ImportError:  # not on Windows
        return
    for what, most in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, seconds)):
        _, hard = resource.getrlimit(what)
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (wanted, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def load_engine(*, threads: int = 2) -> Engine:
    """Load the reader with the models of its wheel; nothing is fetched and nothing is logged."""
    rapidocr = import_module("rapidocr")
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "Det.limit_side_len": 960,
            "Det.limit_type": "max",
            "EngineConfig.onnxruntime.intra_op_num_threads": min(threads, os.cpu_count() or 1),
        }
    )


def read_paper(engine: Engine, content: bytes) -> dict[str, Any]:
    """Read every page of a picture or a PDF."""
    pages = [read_page(engine, _without_seals(page)) for page in draw_pages(content)]
    return {"reader": f"rapidocr {version('rapidocr')}", "pages": pages}


def draw_pages(content: bytes) -> Iterator[Image.Image]:
    """Give the pages of a picture or a PDF as pictures of a bounded size."""
    return draw_pdf(content) if content.startswith(b"%PDF-") else draw(content)


def draw(content: bytes) -> Iterator[Image.Image]:
    """Give the one page of a picture."""
    Image.MAX_IMAGE_PIXELS = _MOST_DOTS
    with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as picture:
        # What is see-through is read as a person sees it: on white paper.
        glass = picture.convert("RGBA")
    paper = Image.new("RGBA", glass.size, "white")
    paper.alpha_composite(glass)
    page = paper.convert("RGB")
    page.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    yield page


def draw_pdf(content: bytes) -> Iterator[Image.Image]:
    """Give the pages of a PDF as pictures, the first :data:`MOST_PAGES`."""
    document = import_module("pypdfium2").PdfDocument(content)
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        longest = max(page.get_size())
        scale = min(_DOTS_AN_INCH / _POINTS_AN_INCH, _LONGEST_SIDE / max(longest, 1))
        yield page.render(scale=scale).to_pil().convert("RGB")


def _without_seals(page: Image.Image) -> Image.Image:
    """Give a page as it looks through red glass: the ink of seals is gone, black and blue stay."""
    red = page.getchannel("R")
    return Image.merge("RGB", (red, red, red))


def read_page(engine: Engine, picture: Image.Image) -> dict[str, Any]:
    """Read a page; one that lies on its side or its head is turned and read again."""
    turned = 0
    found, is_sideways, is_on_its_head = _look(engine, picture)
    if is_sideways:
        turned = 90
        found, _, is_on_its_head = _look(engine, picture.rotate(turned, expand=True))
    if is_on_its_head:
        turned += 180
        found, _, _ = _look(engine, picture.rotate(turned, expand=True))
    width, height = picture.size
    lines = [
        [text, certainty, _corners(box, turned=turned, width=width, height=height)]
        for text, certainty, box in found
    ]
    return {"turned": turned // 90, "lines": lines}


def _look(engine: Engine, picture: Image.Image) -> tuple[list[tuple[str, int, Box]], bool, bool]:
    """Give the lines with their boxes in dots, and whether the page lies wrong.

    The reader turns single lines by itself, so they are read either way; but beside, right and
    below mean something only on a page that stands.
    """
    numpy = import_module("numpy")
    dots = numpy.ascontiguousarray(numpy.asarray(picture)[:, :, ::-1])
    boxes, directions, texts, _ = engine.run_ocr_steps(dots, {})
    if boxes.boxes is None or texts.txts is None:
        return [], False, False
    found = [
        (str(text), round(float(score) * _THOUSAND), box)
        for text, score, box in zip(texts.txts, texts.scores, boxes.boxes, strict=True)
        if str(text).strip()
    ]
    long = [box for text, _, box in found if len(text) >= _TEXT_FROM]
    upright = [box for box in long if _wide(box) < _high(box)]
    over = [label for label, score in directions.cls_res or [] if score > 0.9]
    return (
        found,
        len(upright) * 2 > len(long),
        len(over) > 0 and sum(label == "180" for label in over) * 2 > len(over),
    )


def _wide(box: Box) -> float:
    return max(float(corner[0]) for corner in box) - min(float(corner[0]) for corner in box)


def _high(box: Box) -> float:
    return max(float(corner[1]) for corner in box) - min(float(corner[1]) for corner in box)


def _corners(box: Box, *, turned: int, width: int, height: int) -> list[list[int]]:
    """Give a box on the page as it was before it was turned counter-clockwise."""
    corners = []
    for corner in box:
        across, down = float(corner[0]), float(corner[1])
        if turned == 90:
            across, down = width - down, across
        elif turned == 180:
            across, down = width - across, height - down
        elif turned == 270:
            across, down = down, height - across
        corners.append([_share(across, width), _share(down, height)])
    return corners


def _share(place: float, whole: int) -> int:
    return max(0, min(_WHOLE, round(place * _WHOLE / whole)))


def draw_page(content: bytes, number: int) -> bytes:
    """Give one page as PNG, as large as it is read."""
    for place, page in enumerate(draw_pages(content), 1):
        if place == number:
            out = io.BytesIO()
            page.save(out, "PNG")
            return out.getvalue()
    return b""


def main() -> int:
    """Read standard input, write the answer, and leave with 0 even where it tells a fault.

    Arguments: the seconds it may take, and the number of a page to draw instead of reading.
    """
    limit_this_process(int(sys.argv[1]))
    content = sys.stdin.buffer.read()
    # Libraries write to the screen as they please; only the answer may go out.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    try:
        if len(sys.argv) > 2:
            told = draw_page(content, int(sys.argv[2]))
        else:
            # What cannot be drawn is told before anything large is loaded.
            next(draw_pages(content), None)
            told = json.dumps(read_paper(load_engine(), content)).encode("ascii")
    except ImportError:
        told = b'{"fault": "documents.no-reader"}'
    except Exception:  # noqa: BLE001 - whatever a paper does to a reader, it was not read
        told = b'{"fault": "documents.not-readable"}'
    with answer:
        answer.write(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
