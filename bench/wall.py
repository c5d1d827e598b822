"""The wall a second, beside nginx serving the same bytes, while homes are being chosen.

The whole platform runs: a desk chooses over the API as fast as it can, up to five times a second,
the publisher puts up every revision, 500 streams listen. In turns ``wrk`` asks peak and nginx for
the wall, packed and plain, with the same headers; each is one process on one core, wrk has another.
nginx has the page from a folder into which every revision is copied, packed beforehand. Without
nginx or wrk the line says so and gives no ratio. ``ANJU_BENCH_STREAMS`` gives another number of
streams.
"""

from __future__ import annotations

import gzip
import http.client
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import mkdtemp

from bench.asking import CONNECTIONS, SERVERS, Answered, ask_for_a_while, find_wrk, pin
from bench.installations import leaving_nothing
from bench.measure import report
from bench.serving import running
from tests.support.desk_load import DEMO, DeskLoad
from tests.support.ports import free_ports
from tests.support.running import Platform, run_platform, wait_until

HOMES, HOUSEHOLDS = 1_000, 900
STREAMS = int(os.environ.get("ANJU_BENCH_STREAMS", "500"))
ROUNDS, SECONDS = 8, 2
CODINGS = ("gzip", "identity")
PAGE = f"/live/{DEMO}/"
_NOT_NGINX = {"date", "connection", "content-length", "etag", "content-type", "vary", "server"}
"""Headers nginx gives of its own."""

_CONF = """
daemon off; worker_processes 1; worker_cpu_affinity 01; pid {folder}/pid; error_log {folder}/errors;
worker_rlimit_nofile 20000;
events {{ worker_connections 10000; }}
http {{
  types {{ text/html html; }} charset utf-8; access_log off; server_tokens off;
  sendfile on; tcp_nopush on; gzip_static on; gzip_vary on; keepalive_requests 1000000000;
  open_file_cache max=100 inactive=60s; open_file_cache_valid 1s; open_file_cache_min_uses 1;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {folder}/root; index wall.html;
{headers} }}
}}
"""


def main() -> None:
    """Measure, and report."""
    wrk, nginx = find_wrk(), shutil.which("nginx") or _at("/usr/sbin/nginx")
    with (
        leaving_nothing(),
        run_platform(homes=HOMES, households=HOUSEHOLDS) as platform,
        ExitStack() as stack,
    ):
        peak = platform.pid_of("peak")
        wait_until(lambda: _get(platform.peak_port)[0] == 200, seconds=60)
        load = stack.enter_context(choosing(platform))
        if STREAMS:
            stack.enter_context(listening(platform.peak_port))
        pin(peak or 0, SERVERS)
        servers = {"peak": (platform.peak_port, peak or 0)}
        if nginx is not None:
            servers["nginx"] = stack.enter_context(serving_beside(nginx, platform))
        rounds: dict[tuple[str, str], list[Answered]] = {}
        begun, chosen = time.monotonic(), len(load.acknowledged)
        for _ in range(ROUNDS if wrk else 0):
            for coding in CODINGS:
                for name, (port, pid) in servers.items():
                    asked = ask_for_a_while(
                        f"http://127.0.0.1:{port}{PAGE}",
                        accept_encoding=coding,
                        seconds=SECONDS,
                        server=pid,
                        wrk=wrk or "",
                    )
                    rounds.setdefault((name, coding), []).append(asked)
        choices_a_second = (len(load.acknowledged) - chosen) / (time.monotonic() - begun)
    tell(rounds, choices_a_second=round(choices_a_second, 1), wrk=wrk, nginx=nginx)


def tell(
    rounds: dict[tuple[str, str], list[Answered]],
    *,
    choices_a_second: float,
    wrk: str | None,
    nginx: str | None,
) -> None:
    """Report a line for each coding."""
    for coding in CODINGS:
        own = rounds.get(("peak", coding), [])
        other = rounds.get(("nginx", coding), [])
        value, yardstick = _middle(own, "a_second"), _middle(other, "a_second")
        report(
            "wall" if coding == "gzip" else f"wall-{coding}",
            round(value),
            "requests/s",
            round(yardstick),
            round(value / yardstick, 2) if yardstick else 0.0,
            yardstick_is="nginx, one process, same bytes and headers" if nginx else "no nginx here",
            generator=f"wrk, one thread, {CONNECTIONS} lines" if wrk else "no wrk here",
            p99_ms=_middle(own, "p99_ms"),
            p99_worst_ms=max((one.p99_ms for one in own), default=0.0),
            yardstick_p99_ms=_middle(other, "p99_ms"),
            cpu_us_a_request=_middle(own, "cpu_us"),
            yardstick_cpu_us_a_request=_middle(other, "cpu_us"),
            faults=sum(one.faults for one in own),
            rounds=len(own),
            streams_open=STREAMS,
            choices_a_second=choices_a_second,
            load_before=round(os.getloadavg()[2], 1),
        )


@contextmanager
def choosing(platform: Platform) -> Iterator[DeskLoad]:
    """Let a desk choose five times a second until the block ends."""
    load = DeskLoad(platform, pause_seconds=0.15)
    person = threading.Thread(target=load.run, daemon=True)
    person.start()
    wait_until(lambda: len(load.acknowledged) > 2, seconds=60)
    try:
        yield load
    finally:
        load.is_over.set()
        person.join(timeout=30)


@contextmanager
def listening(port: int) -> Iterator[None]:
    """Hold the streams open, reading what they say, in a process of its own."""
    told = [str(port), DEMO, str(STREAMS), "0", "60"]
    with running([sys.executable, "-m", "bench.listening", *told], is_heard=True) as process:
        assert process.stdout is not None  # noqa: S101 - piped
        process.stdout.readline()
        yield


@contextmanager
def serving_beside(nginx: str, platform: Platform) -> Iterator[tuple[int, int]]:
    """Serve the same page with nginx, each revision as it comes; gives port and process."""
    folder = Path(mkdtemp(prefix="anju-nginx-"))
    folder.chmod(0o755)
    (port,) = free_ports(1)
    _, headers = _get(platform.peak_port)
    lines = [
        f'    add_header {name} "{value}";'
        for name, value in headers.items()
        if name not in _NOT_NGINX
    ]
    conf = folder / "nginx.conf"
    conf.write_text(
        _CONF.format(folder=folder, port=port, headers="\n".join(lines)), encoding="utf-8"
    )
    source = platform.home / "public" / "live" / DEMO / "wall.html"
    target = folder / "root" / "live" / DEMO / "wall.html"
    target.parent.mkdir(parents=True)
    is_over = threading.Event()

    def copy() -> None:
        seen = b""
        while not is_over.is_set():
            page = source.read_bytes()
            if page != seen:
                seen = page
                for file, content in (
                    (target, page),
                    (target.with_name("wall.html.gz"), gzip.compress(page, 6)),
                ):
                    fresh = file.with_name(f".{file.name}")
                    fresh.write_bytes(content)
                    fresh.replace(file)
            is_over.wait(0.1)

    copier = threading.Thread(target=copy, daemon=True)
    copier.start()
    try:
        with running([nginx, "-c", str(conf), "-p", str(folder)]) as process:
            wait_until(lambda: _get(port)[0] == 200, seconds=20)
            yield port, process.pid
    finally:
        is_over.set()
        copier.join(timeout=5)
        shutil.rmtree(folder, ignore_errors=True)


def _get(port: int) -> tuple[int, dict[str, str]]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", PAGE)
        answer = line.getresponse()
        answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}
    except OSError:
        return 0, {}
    finally:
        line.close()


def _at(path: str) -> str | None:
    return path if Path(path).is_file() else None


def _middle(rounds: list[Answered], name: str) -> float:
    return round(median([float(getattr(one, name)) for one in rounds]), 1) if rounds else 0.0


if __name__ == "__main__":
    main()
