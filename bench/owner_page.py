"""Pages of titles before 100,000 open cases: the owners' and the desk's, alone and 1,000 at once.

A durable PostgreSQL and the site as ``anju serve`` starts it. One reader at a time asks for each
page, by turns with the yardstick: the same server's sign-in page, which reads nothing. Then 1,000
owners, each with a session and a line of their own, ask at the same moment; and once more as people
do, each at a moment of their own within a minute. The yardstick of the crowds is the same crowd at
the sign-in page. ``ANJU_BENCH_CASES`` makes it smaller.
"""

from __future__ import annotations

import http.client
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from uuid import UUID

from bench.crowds import Visitor, ask_together
from bench.installations import durable_server
from bench.measure import percentile, report
from bench.serving import DOOR, Site, serving
from bench.title_city import City, lay_city

CASES = int(os.environ.get("ANJU_BENCH_CASES", "100000"))
TIMES = 1
"""Pages that each of a crowd asks for."""
ROUNDS, A_ROUND, WARMING = 8, 25, 5
SLOW_ROUND = 4
"""Of a page that counts every case, a round asks less."""
PAUSE_SECONDS = 30.0
YARDSTICK = "the same server's sign-in page, which reads nothing"
Ask = Callable[[random.Random], Visitor]


@dataclass(slots=True)
class Times:
    """What one page took."""

    ms: list[float] = field(default_factory=list)
    web: float = 0.0
    """Processor seconds of all requests together."""
    postgres: float = 0.0

    def add(self, ms: Sequence[float], spent: Sequence[float]) -> None:
        """Add a turn."""
        self.ms += ms
        self.web += spent[0]
        self.postgres += spent[1]

    def percentile(self, percent: int) -> float:
        """Give the time that so many percent of requests stay under."""
        return round(percentile(self.ms, percent), 1)


def main() -> None:
    """Measure, and report."""
    with durable_server() as cluster:
        hashers = import_module("django.contrib.auth.hashers")
        hashers.PBKDF2PasswordHasher.iterations = 1_000  # a thousand accounts, made quickly
        began = time.perf_counter()
        city = lay_city(cluster, cases=CASES)
        laid = round(time.perf_counter() - began)
        with serving(cluster) as site:
            measure(city, site, laid_in_seconds=laid)


def measure(city: City, site: Site, *, laid_in_seconds: int) -> None:
    """Ask for every page alone, then with everybody, and report a line for each."""
    with import_module("django.db").transaction.atomic():  # else a commit for each of them
        owners = [open_session(one.account_id) for one in city.owners]
    about = {
        "open_cases": city.open_cases,
        "communities": city.communities,
        "laid_in_seconds": laid_in_seconds,
        "yardstick_is": YARDSTICK,
    }
    pages = pages_of(city, owners)
    chance = random.Random(20260917)
    statements = {name: count_statements(ask(chance)) for name, ask in pages.items()}
    times = ask_alone(site, pages)
    the_door = times.pop("door")
    door = the_door.percentile(95)
    for name, found in times.items():
        report(
            "owner-page" if name == "titles" else f"owner-page-{name}",
            found.percentile(95),
            "ms",
            door,
            round(found.percentile(95) / door, 2),
            statistic="p95, one reader at a time",
            p50_ms=found.percentile(50),
            p99_ms=found.percentile(99),
            requests=len(found.ms),
            statements=statements[name],
            web_cpu_ms_a_page=round(1000 * found.web / len(found.ms), 1),
            postgres_cpu_ms_a_page=round(1000 * found.postgres / len(found.ms), 1),
            yardstick_cpu_ms_a_page=round(1000 * the_door.web / len(the_door.ms), 1),
            load_before=round(os.getloadavg()[2], 1),
            **about,
        )
    tell_crowds(city, owners, site.port, about=about)


def pages_of(city: City, owners: Sequence[str]) -> dict[str, Ask]:
    """Give how each page is asked for, by its name."""
    window = open_session(city.window)
    cases = [one.case_id for one in city.owners]

    def of_window(path: str) -> Ask:
        return lambda _: Visitor(path=path, cookie=window)

    def own_case(chance: random.Random) -> Visitor:
        place = chance.randrange(len(cases))
        return Visitor(path=f"/me/case/{cases[place]}/", cookie=owners[place])

    return {
        "door": lambda _: Visitor(path=DOOR),
        "titles": lambda chance: Visitor(path="/me/title/", cookie=chance.choice(owners)),
        "case": own_case,
        "desk-queue": of_window("/desk/cases/"),
        "desk-case": lambda chance: Visitor(
            path=f"/desk/cases/{chance.choice(cases)}/", cookie=window
        ),
        "desk-title-cases": of_window("/desk/titles/cases/"),
        "desk-communities": of_window("/desk/titles/"),
        "desk-community": of_window("/desk/titles/communities/HY-01/"),
    }


def ask_alone(site: Site, pages: Mapping[str, Ask]) -> dict[str, Times]:
    """Ask for the pages by turns on one line."""
    chance = random.Random(20260917)
    line = http.client.HTTPConnection("127.0.0.1", site.port, timeout=120)
    found = {name: Times() for name in pages}
    for turn in range(ROUNDS + 1):
        for name, ask in pages.items():
            before = site.spent()
            times = [ask_once(line, ask(chance)) for _ in range(_asked(name, turn))]
            if turn:  # the first turn warms
                found[name].add(
                    times, [now - then for now, then in zip(site.spent(), before, strict=True)]
                )
    line.close()
    return found


def _asked(name: str, turn: int) -> int:
    if not turn:
        return WARMING
    return SLOW_ROUND if name in {"desk-title-cases", "desk-communities"} else A_ROUND


def count_statements(visitor: Visitor) -> int:
    """Give how often a page reads from the database once everything that lasts is loaded."""
    client = import_module("django.test").Client(headers={"host": "127.0.0.1"})
    client.cookies.load(visitor.cookie)
    client.get(visitor.path)
    captured = import_module("django.test.utils").CaptureQueriesContext(
        import_module("django.db").connection
    )
    with captured:
        if client.get(visitor.path).status_code != 200:
            raise SystemExit(f"{visitor.path} gives no page")
    return sum(one["sql"].startswith("SELECT") for one in captured)


def ask_once(line: http.client.HTTPConnection, visitor: Visitor) -> float:
    """Ask for one page; gives its milliseconds."""
    began = time.perf_counter()
    line.request("GET", visitor.path, headers={"Cookie": visitor.cookie} if visitor.cookie else {})
    answer = line.getresponse()
    answer.read()
    if answer.status != 200:
        raise SystemExit(f"{visitor.path} answered {answer.status}")
    return (time.perf_counter() - began) * 1000


def tell_crowds(
    city: City, owners: Sequence[str], port: int, *, about: Mapping[str, object]
) -> None:
    """Let everybody ask together: at once, and as people read; a line for each."""
    crowds = {
        "titles": [Visitor(path="/me/title/", cookie=one) for one in owners],
        "case": [
            Visitor(path=f"/me/case/{owner.case_id}/", cookie=cookie)
            for owner, cookie in zip(city.owners, owners, strict=True)
        ],
        "door": [Visitor(path=DOOR)] * len(owners),
    }
    for kind, pause in (("crowd", 0), ("readers", PAUSE_SECONDS)):
        met = {
            name: ask_together(port, crowd, times=TIMES, pause_seconds=pause)
            for name, crowd in crowds.items()
        }
        door = met.pop("door")
        for name, one in met.items():
            value = one.percentile(95) if pause else one.a_second
            yardstick = door.percentile(95) if pause else door.a_second
            report(
                f"owner-page-{name}-{kind}",
                value,
                "ms" if pause else "pages/s",
                yardstick,
                round(value / yardstick, 2) if yardstick else 0.0,
                owners_at_once=len(owners),
                pages_each=TIMES,
                pause_seconds=pause,
                pages=len(one.ms),
                faults=one.faults,
                pages_a_second=one.a_second,
                all_done_seconds=round(one.seconds, 1),
                p50_ms=one.percentile(50),
                p95_ms=one.percentile(95),
                p99_ms=one.percentile(99),
                yardstick_faults=door.faults,
                load_before=round(os.getloadavg()[2], 1),
                **about,
            )


def open_session(account_id: UUID) -> str:
    """Begin a session for an account, as signing in does; gives the cookie."""
    client = import_module("django.test").Client()
    found = import_module("anju.foundation.access.queries").find_actor(account_id=account_id)
    client.force_login(found[0])
    settings = import_module("django.conf").settings
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


if __name__ == "__main__":
    main()
