"""Static files go out packed, once and the same for everybody; pages do not."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.test import Client, override_settings

from anju.web.compressing import FOLDER, pack


@pytest.mark.req("INV-7")
def test_a_browser_that_takes_gzip_is_sent_the_packed_file(tmp_path: Path) -> None:
    with override_settings(HOME=tmp_path):
        client = Client(headers={"host": "127.0.0.1"})
        plain = client.get("/static/anju/building.js")
        packed = client.get("/static/anju/building.js", headers={"accept-encoding": "gzip, br"})
    assert "Content-Encoding" not in plain
    assert (packed["Content-Encoding"], packed["Vary"]) == ("gzip", "Accept-Encoding")
    content = b"".join(packed.streaming_content)  # type: ignore[attr-defined]
    assert len(content) == int(packed["Content-Length"]) < int(plain["Content-Length"]) / 2
    assert gzip.decompress(content) == b"".join(plain.streaming_content)  # type: ignore[attr-defined]


def test_a_page_is_never_packed() -> None:
    page = Client(headers={"host": "127.0.0.1"}).get(
        "/sign-in/", headers={"accept-encoding": "gzip"}
    )
    assert "Content-Encoding" not in page


def test_a_changed_file_is_packed_anew_and_what_cannot_be_kept_goes_out_as_it_is(
    tmp_path: Path,
) -> None:
    file, folder = tmp_path / "a.js", tmp_path / FOLDER
    file.write_text("let one = 1;\n" * 200, encoding="utf-8")
    first = pack(file, into=folder)
    assert first == pack(file, into=folder)
    file.write_text("let two = 2;\n" * 200, encoding="utf-8")
    second = pack(file, into=folder)
    assert first is not None
    assert second is not None
    assert first != second
    assert gzip.decompress(second.read_bytes()) == file.read_bytes()
    (tmp_path / "b.js").write_text("short", encoding="utf-8")
    assert pack(tmp_path / "b.js", into=folder) is None
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert pack(file, into=blocked / "below") is None
