"""The demo's draws in mid-course: one that counts, and a rehearsal to be played to its end.

Both are frozen and wait for the four parties' commitments. The one that counts was opened two weeks
ago, as the time to object asks for; its beacon is tomorrow's. Everything is done through the
operations that the pages call, each by the account whose hand it is, with a code of that account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from uuid import UUID

import pyotp

from anju.cli.demo_accounts import DemoAccount
from anju.foundation.access.operations import step_up
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.draws.operations import sign_step
from anju.foundation.draws.pools import PoolMember, Recusal, open_pool_ceremony
from anju.foundation.draws.queries import ceremonies_of
from anju.foundation.draws.types import CeremonyRow, NewParty, NewTerms
from anju.resettlement.projects.types import ProjectRow
from anju_rules.ceremony import Party, Step, Use
from anju_rules.draws import Scheme
from anju_rules.values import Refusal

PARTIES: Mapping[str, tuple[Party, str]] = {
    "operator": (Party.OPERATOR, "city"),
    "notary": (Party.NOTARY, "notary"),
    "supervisor": (Party.SUPERVISOR, "supervisor"),
    "rep-1": (Party.REPRESENTATIVE, "representative"),
}
"""Word, share and the demo's account of each."""
_BEIJING = timezone(timedelta(hours=8))
_OPENED, _FROZEN = timedelta(days=14), timedelta(days=12)
"""How long ago the draw that counts was opened and frozen: longer than any run of holidays."""
_NAMES = ("赵某", "钱某", "孙某", "李某", "周某", "吴某", "郑某", "王某")
_SUPERVISORS = tuple(
    PoolMember(code=f"JD-{number:02d}", name=f"{name}（监督员）")
    for number, name in enumerate(
        ["赵某", "钱某", "孙某", "李某", "周某", "吴某", "郑某", "王某"], start=1
    )
)
_EVALUATORS = tuple(
    PoolMember(code=f"PG-{number:02d}", name=f"演示评估机构{number:02d}") for number in range(1, 23)
)
_ASIDE = (Recusal(code="PG-05", reason="承担本项目的房屋评估，应当回避"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoDraws:
    """The demo's further draws of one project, while they are being made."""

    project: ProjectRow
    officer: Callable[[str], Actor]
    accounts: Mapping[str, DemoAccount]
    say: Callable[[str], None]

    def prepare(self) -> None:
        """Open and freeze whatever is not there yet."""
        known = {row.use for row in ceremonies_of(project_id=self.project.id)}
        if Use.VISIT_SUPERVISORS not in known:
            self.say("入户监督员摇号（等待各方承诺）……")
            try:
                self._hold(self._open_supervisors(), at=_days_ago(_FROZEN))
            except Refusal as refusal:
                # Beyond the years whose holidays are published no working day can be counted.
                if not refusal.code.startswith("calendar."):
                    raise
                self.say("（工作日历不含今年，略过）")
        if Use.EVALUATORS not in known:
            self.say("评估机构摇号演练（等待各方承诺）……")
            self._hold(self._open_evaluators(), at=read_clock() - timedelta(minutes=2))

    def _open_supervisors(self) -> CeremonyRow:
        tomorrow = read_clock().astimezone(_BEIJING) + timedelta(days=1)
        opened = open_pool_ceremony(
            project_id=self.project.id,
            project_code=self.project.code,
            use=Use.VISIT_SUPERVISORS,
            batch="1",
            pool=_SUPERVISORS,
            take=2,
            terms=NewTerms(
                freeze_at=_days_ago(_FROZEN) - timedelta(minutes=5),
                beacon_at=datetime.combine(tomorrow.date(), time(15, 30), _BEIJING),
                beacon_rule="balls:6x00-99;sse:close,turnover;szse:close,turnover",
                redraw_rule="void-causes-1",
            ),
            parties=self._parties(),
            by=self.officer("city"),
            at=_days_ago(_OPENED),
        )
        return opened.ceremony

    def _open_evaluators(self) -> CeremonyRow:
        at = read_clock()
        opened = open_pool_ceremony(
            project_id=self.project.id,
            project_code=self.project.code,
            use=Use.EVALUATORS,
            batch="1",
            pool=_EVALUATORS,
            recusals=_ASIDE,
            take=1,
            terms=NewTerms(
                freeze_at=at,
                beacon_at=at - timedelta(days=30),
                beacon_rule="balls:6x00-99",
                redraw_rule="void-causes-1",
            ),
            parties=self._parties(),
            scheme=Scheme.REHEARSAL,
            by=self.officer("city"),
            at=at,
        )
        return opened.ceremony

    def _hold(self, row: CeremonyRow, *, at: datetime) -> None:
        """Freeze the list; there are no streets to count, so the count is signed as it is."""
        signers = (
            (Step.FROZEN, "city", 0),
            (Step.FROZEN, "notary", 0),
            (Step.COUNTED, "supervisor", 0),
            # A code serves once: the operator's second one is the next minute's.
            (Step.COUNTED, "city", 1),
        )
        for step, login, minutes in signers:
            moment = at + timedelta(minutes=minutes)
            sign_step(
                project_id=row.project_id,
                ceremony_id=row.id,
                step=step,
                by=self._with_code(login, at=moment),
                at=moment,
            )

    def _with_code(self, login: str, *, at: datetime) -> Actor:
        code = pyotp.TOTP(self.accounts[login].totp).at(at)
        return step_up(by=self.officer(login), code=code, at=at)

    def _parties(self) -> list[NewParty]:
        return [
            NewParty(who=who, party=party, account_id=_account_id(self.officer(login)))
            for who, (party, login) in PARTIES.items()
        ]


def _account_id(actor: Actor) -> UUID:
    if actor.id is None:
        raise Refusal("access.not-found")
    return actor.id


def _days_ago(ago: timedelta) -> datetime:
    """Give a moment of that day, to the minute: the protocol spells whole seconds."""
    return (read_clock() - ago).replace(second=0, microsecond=0)
