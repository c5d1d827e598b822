"""What is printed: papers without the net, and without piling up memory."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

from anju.web import papers


def count_readings() -> int:
    """Count how often the machine's fonts lie in memory."""
    return sum(isinstance(one, FontConfiguration) for one in gc.get_objects())


def print_one() -> bytes:
    return papers.set_paper("parts/typed_signature.html", {"name": "王秀英"})


@pytest.fixture
def _uncollected() -> Iterator[None]:
    """Leave garbage to itself, as a busy server does for long."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_uncollected")
def test_papers_share_the_fonts_whichever_thread_prints() -> None:
    print_one()
    before = count_readings()
    with ThreadPoolExecutor(4) as threads:
        printed = list(threads.map(lambda _: print_one(), range(8)))
    assert all(one.startswith(b"%PDF") for one in printed)
    assert count_readings() == before


@pytest.mark.usefixtures("_uncollected")
def test_control_left_to_itself_a_paper_reads_them_anew() -> None:
    before = count_readings()
    for _ in range(3):
        HTML(string="<p>王秀英</p>").write_pdf()
    assert count_readings() == before + 3
