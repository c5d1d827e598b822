"""The peak server, served by the real Granian in a process of its own: no Django, no database."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Self

import pytest

from anju.peak.shelf import Kept, Shelf, name_of, read_kept
from anju.peak.streams import tell_revision
from tests.support.peaks import serve_peak
from tests.support.running import wait_until

WALL = "LA-2026"
HOMES = "fftr" * 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A peak server that runs, and the folder it serves."""

    port: int
    home: Path

    @property
    def public(self) -> Path:
        """The public folder."""
        return self.home / "public"

    def ask(
        self, path: str, *, method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Ask for ``path`` as it stands: no client tidies it on the way."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                line.putheader(name.replace("_", "-"), value)
            line.endheaders()
            answer = line.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, told, answer.read()
        finally:
            line.close()

    def listen(self, *, query: str = "") -> Stream:
        """Open a wall's stream."""
        return Stream(self.port, f"/live/{WALL}/events{query}")


class Stream:
    """One listener of a wall."""

    def __init__(self, port: int, path: str) -> None:
        self._line = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._line.sendall(f"GET {path} HTTP/1.1\r\nHost: peak\r\n\r\n".encode())
        self._read = b""
        self.head = self._until(b"\r\n\r\n").decode()

    def next_event(self) -> tuple[str, str]:
        """Give the next event: its name and data."""
        while True:
            text = self._until(b"\n\n").decode()
            fields = dict(
                line.split(": ", 1) for line in text.splitlines() if ": " in line and line[0] != ":"
            )
            if "event" in fields:
                return fields["event"], fields["data"]

    def wait_for(self, revision: int) -> dict[str, object]:
        """Give what it is told of a revision."""
        while True:
            name, data = self.next_event()
            if name == "wall" and json.loads(data)["revision"] == revision:
                told: dict[str, object] = json.loads(data)
                return told

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._line.close()

    def _until(self, end: bytes) -> bytes:
        # Chunk sizes stand between the chunks; an event is sent as one chunk, so they are dropped.
        while end not in self._read:
            more = self._line.recv(65536)
            if not more:
                raise EOFError
            self._read += more
        text, _, self._read = self._read.partition(end)
        return text + end


def publish(public: Path, *, revision: int, now: str, homes: str = HOMES) -> None:
    """Publish a wall as the publisher does: put in place whole."""
    told = {"revision": revision, "parts": {"now": now, "feed": "<ul></ul>"}, "homes": homes}
    file = public / "live" / WALL / "wall.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(".wall.json")
    fresh.write_text(json.dumps(told), encoding="utf-8")
    fresh.replace(file)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Run one server for the whole module; its settings name a database that is down."""
    home = tmp_path_factory.mktemp("peak")
    public = home / "public"
    publish(public, revision=1, now="<b>1</b>")
    (public / "live" / WALL / "wall.html").write_text("<!doctype html>" + "墙" * 2000, "utf-8")
    (public / "live" / WALL / ".lock").write_text("hidden")
    (public / "bundles" / "ab12").mkdir(parents=True)
    (public / "bundles" / "ab12" / "index.html").write_text("<!doctype html>bundle")
    (public / "verify").mkdir()
    (public / "verify" / "verify_certificate.html").write_text("<script>let x</script>")
    (home / "keys").mkdir()
    (home / "keys" / "master").write_text("secret")
    (public / "live" / "out").symlink_to(home / "keys")
    with serve_peak(home) as port:
        yield Served(port=port, home=home)


@pytest.mark.req("PUB-1")
def test_a_change_reaches_a_listener_within_a_second(served: Served) -> None:
    publish(served.public, revision=10, now="<b>10</b>")
    waits, told = [], []
    with served.listen() as stream:
        stream.wait_for(10)
        for revision in range(11, 16):
            start = time.monotonic()
            now = f"<b>{revision}</b>"
            publish(served.public, revision=revision, now=now, homes="t" + HOMES[1:])
            told.append(stream.wait_for(revision))
            waits.append(time.monotonic() - start)
    # The middle one: once in a while a busy machine lets everybody wait.
    assert median(waits) < 1
    assert told[0] == {"revision": 11, "parts": {"now": "<b>11</b>"}, "changed": {"0": "t"}}


def test_many_listeners_are_told_at_once(served: Served) -> None:
    publish(served.public, revision=20, now="<b>20</b>")
    with ExitStack() as stack:
        streams = [stack.enter_context(served.listen()) for _ in range(200)]
        for stream in streams:
            stream.wait_for(20)
        waits = []
        for revision in range(21, 24):
            start = time.monotonic()
            publish(served.public, revision=revision, now=f"<b>{revision}</b>")
            for stream in streams:
                stream.wait_for(revision)
            waits.append(time.monotonic() - start)
        assert median(waits) < 2


def test_who_has_the_newest_revision_is_told_nothing_but_the_time(served: Served) -> None:
    publish(served.public, revision=30, now="<b>30</b>")
    with served.listen() as first:
        first.wait_for(30)
    with served.listen(query="?revision=30") as stream:
        assert "text/event-stream" in stream.head
        assert stream.next_event()[0] == "clock"
        publish(served.public, revision=31, now="<b>31</b>")
        name, data = stream.next_event()
    assert name == "wall"
    assert json.loads(data) == {"revision": 31, "parts": {"now": "<b>31</b>"}, "changed": {}}


def test_who_missed_a_revision_is_told_the_whole() -> None:
    first = tell_revision(
        {"revision": 1, "parts": {"a": "1", "b": "x"}, "homes": "ff"}, before=None
    )
    second = tell_revision(
        {"revision": 2, "parts": {"a": "2", "b": "x"}, "homes": "ft"}, before=first
    )
    assert second.before == 1
    assert b'"b"' not in second.change
    assert b'"b"' in second.whole
    assert b'"homes":"ft"' in second.whole


@pytest.mark.req("SEL-5")
def test_a_thousand_requests_are_all_answered(served: Served) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = pool.map(lambda _: served.ask(f"/live/{WALL}/")[0], range(1000))
        assert set(answers) == {200}


@pytest.mark.req("SEL-5")
def test_a_file_is_read_once_however_many_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many first askers wait for one reading; whoever comes later is told from memory."""
    publish(tmp_path, revision=1, now="<b>1</b>")
    reads: list[str] = []

    def read(root: Path, name: str) -> Kept | None:
        reads.append(name)
        return read_kept(root, name)

    monkeypatch.setattr("anju.peak.shelf.read_kept", read)

    async def ask(many: int) -> set[bytes]:
        found = await asyncio.gather(*(shelf.find(address) for _ in range(many)))
        return {kept.body for kept in found if kept is not None}

    async def crowd() -> None:
        first = await ask(500)
        assert (len(first), len(reads)) == (1, 1)
        assert (await ask(500), len(reads)) == (first, 1)
        publish(tmp_path, revision=2, now="<b>2</b>")
        assert (len(await ask(500) - first), len(reads)) == (1, 2)

    shelf, address = Shelf(tmp_path), f"/live/{WALL}/wall.json"
    # A thread of its own: a browser that this process holds has a loop running in the main one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(crowd())).result()


@pytest.mark.req("PUB-1", "SEL-5")
def test_the_wall_stays_while_the_database_is_down(served: Served) -> None:
    # The server was told of a database nobody serves, and loads nothing that could ask one.
    status, _, body = served.ask(f"/live/{WALL}/wall.html")
    assert (status, body.decode()[:15]) == (200, "<!doctype html>")
    asked = (
        "import sys, anju.peak.app; print([m for m in ('django', 'psycopg') if m in sys.modules])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "path",
    [
        "/../keys/master",
        "/live/../../keys/master",
        "/live/%2e%2e/%2e%2e/keys/master",
        "/live/..%2f..%2fkeys/master",
        "/live/LA-2026/..\\..\\keys\\master",
        "//etc/passwd",
        "/live/out/master",
        "/live/LA-2026/.lock",
        "/live/LA-2026/wall.json%00.html",
        "/live/LA-2026/wall.json/",
        "/live/nothing/events",
        "/live/../live/events",
        "/bundles/",
        "/" + "a/" * 40,
    ],
)
def test_nothing_outside_the_public_folder_is_reached(served: Served, path: str) -> None:
    status, _, body = served.ask(path)
    assert status in {400, 404}
    assert b"secret" not in body
    assert b"root:" not in body


def test_without_the_guard_a_link_leads_out(served: Served) -> None:
    # The control: plainly joined, the same address reads the key.
    name = name_of("/live/out/master")
    assert name is not None
    assert (served.public / name).read_text() == "secret"
    assert read_kept(served.public.resolve(), name) is None


def test_a_file_that_changed_is_served_anew(served: Served) -> None:
    page = served.public / "live" / WALL / "note.txt"
    page.write_text("one")
    assert served.ask(f"/live/{WALL}/note.txt")[2] == b"one"
    page.write_text("three")
    assert wait_until(lambda: served.ask(f"/live/{WALL}/note.txt")[2] == b"three", seconds=30)
    page.unlink()
    assert wait_until(lambda: served.ask(f"/live/{WALL}/note.txt")[0] == 404, seconds=30)


def test_a_page_is_packed_tagged_and_not_sent_twice(served: Served) -> None:
    path = f"/live/{WALL}/wall.html"
    _, plain, body = served.ask(path)
    _, packed, squeezed = served.ask(path, accept_encoding="br, gzip")
    assert "content-encoding" not in plain
    assert packed["content-encoding"] == "gzip"
    assert gzip.decompress(squeezed) == body
    assert packed["etag"] != plain["etag"]
    assert packed["vary"] == "accept-encoding"
    status, _, nothing = served.ask(path, if_none_match=plain["etag"])
    assert (status, nothing) == (304, b"")
    assert served.ask(path, accept_encoding="gzip;q=0")[1].get("content-encoding") is None


def test_a_bundle_is_kept_for_good_and_a_wall_is_asked_for_again(served: Served) -> None:
    assert "immutable" in served.ask("/bundles/ab12/")[1]["cache-control"]
    assert served.ask(f"/live/{WALL}/wall.json")[1]["cache-control"] == "no-cache"


def test_head_tells_the_length_and_other_methods_are_refused(served: Served) -> None:
    status, headers, body = served.ask("/bundles/ab12/index.html", method="HEAD")
    assert (status, headers["content-length"], body) == (200, "21", b"")
    status, headers, _ = served.ask("/bundles/ab12/", method="POST", content_length="0")
    assert (status, headers["allow"]) == (405, "GET, HEAD")
    status, headers, _ = served.ask(f"/live/{WALL}/events", method="HEAD")
    assert status == 200
    assert headers["content-type"].startswith("text/event-stream")


@pytest.mark.req("CRT-1")
def test_a_program_for_checking_is_saved_and_not_run_here(served: Served) -> None:
    _, headers, body = served.ask("/verify/verify_certificate.html")
    assert headers["content-disposition"] == 'attachment; filename="verify_certificate.html"'
    assert b"script" in body
    _, headers, _ = served.ask(f"/live/{WALL}/")
    assert "content-disposition" not in headers


def test_every_answer_forbids_inline_script_and_frames(served: Served) -> None:
    for path in ("/health", f"/live/{WALL}/", "/nothing"):
        _, headers, _ = served.ask(path)
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
