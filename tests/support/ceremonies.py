"""Ceremonies for tests: the people, their cards, and a whole draw played through the operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id, new_secret
from anju.foundation.draws.operations import (
    enter_beacon_part,
    enter_commitments,
    lay_out_ceremony,
    open_ceremony,
    report_agreement,
    scan_secret,
    sign_step,
    sign_street_count,
)
from anju.foundation.draws.queries import ceremony_by_id
from anju.foundation.draws.types import CeremonyRow, NewLine, NewList, NewParty, NewTerms
from anju_rules.ceremony import ORDER, VERIFIERS, Party, Step, Use, step_after
from anju_rules.draws import Scheme, commit_record, commit_secret
from anju_rules.hashing import digest
from anju_rules.values import Ticket
from tests.support.access import Person, open_officer, open_scope, open_tier, recorded
from tests.support.witnesses import known_to_the_installation, witness_all

DIVISION = "370105"
STREETS = ("玉泉街道", "泉景街道")
OPENED_AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
FREEZE_AT = datetime(2026, 6, 5, 9, 0, tzinfo=UTC)
"""A Friday, 17:00 in Jinan."""
BEACON_AT = datetime(2026, 6, 10, 7, 0, tzinfo=UTC)
"""The third working day after it, 15:00."""
PAST_BEACON_AT = datetime(2026, 5, 29, 7, 0, tzinfo=UTC)
BEACON_RULE = "balls:6x00-99;sse:close,turnover"
BEACON = ("03 17 22 41 56 98", "3912.47", "482913004512")
ROLES = {
    "operator": "city-officer",
    "notary": "notary",
    "supervisor": "supervisor",
    "representative-1": "representative",
}
PARTIES = {
    "operator": Party.OPERATOR,
    "notary": Party.NOTARY,
    "supervisor": Party.SUPERVISOR,
    "representative-1": Party.REPRESENTATIVE,
}
SIGNERS = {
    Step.FROZEN: ("operator", "notary"),
    Step.COUNTED: ("supervisor", "operator"),
    Step.ANNOUNCED: ("operator", "notary"),
    Step.DERIVED: ("notary", "representative-1"),
    Step.PUBLISHED: ("operator", "supervisor"),
    Step.LOCKED: ("notary", "representative-1"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who takes part in the ceremonies of one project, and the officers of its streets."""

    project_id: UUID
    parties: Mapping[str, Person]
    streets: Mapping[str, Person]
    _seen: dict[str, Actor] = field(default_factory=dict, repr=False)

    def actor(self, who: str, *, at: datetime) -> Actor:
        """Give a party, or the officer of a street, with a code typed just now."""
        if who not in self._seen:
            self._seen[who] = (self.parties.get(who) or self.streets[who]).actor
        return replace(self._seen[who], stepped_up_at=at)

    def new_parties(self, **instead: Person) -> list[NewParty]:
        """Give the parties as a ceremony is laid out with them; ``instead`` puts others in."""
        return [
            NewParty(who=who, party=PARTIES[who], account_id=(instead.get(who) or person).id)
            for who, person in self.parties.items()
        ]


def gather(*, project_id: UUID | None = None, division: str = DIVISION) -> Cast:
    """Open the accounts of everybody in a ceremony; without a project, in a new one's scope."""
    organisation_id = open_tier(division)
    mark = new_id().hex[:6]

    def officer(name: str, role: str) -> Person:
        return open_officer(f"{name}-{mark}", role=role, organisation_id=organisation_id)

    return Cast(
        project_id=open_scope(division) if project_id is None else project_id,
        parties={who: officer(who, role) for who, role in ROLES.items()},
        streets={
            street: officer(f"street{number}", "street-officer")
            for number, street in enumerate(STREETS)
        },
    )


def make_line(
    ticket: str, *, scheme: Scheme = Scheme.REAL, street: str = "", **kept: bool
) -> NewLine:
    """Make an entry; ``kept`` are ``is_disputed`` and ``is_decided``."""
    salt = digest(ticket.encode())[:16]
    return NewLine(
        ticket=Ticket(ticket),
        commitment=commit_record(scheme=scheme, salt=salt, record={"number": ticket}),
        masked_name="王*",
        street=street,
        **kept,
    )


def make_lists(
    *, strata: Sequence[str] = ("住房困难户",), size: int = 12, scheme: Scheme = Scheme.REAL
) -> list[NewList]:
    """Make lists of ``size`` entries over two streets, and two in dispute in each."""
    return [
        NewList(
            stratum=stratum,
            lines=tuple(
                make_line(
                    f"T{number}-{place:04d}",
                    scheme=scheme,
                    street=STREETS[place % len(STREETS)],
                    is_disputed=place >= size,
                )
                for place in range(size + 2)
            ),
        )
        for number, stratum in enumerate(strata, start=1)
    ]


@dataclass(slots=True, kw_only=True)
class Play:
    """A ceremony that is played step by step through the operations; every step may be failed."""

    cast: Cast
    row: CeremonyRow
    at: datetime
    secrets: dict[tuple[int, str], str] = field(default_factory=dict, repr=False)
    """The cards, by position of the draw and party: the platform never sees them before the box."""

    @property
    def ids(self) -> dict[str, UUID]:
        """Give which ceremony, as the operations ask for it."""
        return {"project_id": self.row.project_id, "ceremony_id": self.row.id}

    def by(self, who: str) -> Actor:
        """Give somebody who has just typed a code."""
        return self.cast.actor(who, at=self.at)

    def look(self) -> CeremonyRow:
        """Read the ceremony anew."""
        self.row = ceremony_by_id(**self.ids)
        return self.row

    def wait_until(self, at: datetime) -> None:
        """Let time pass; never back."""
        self.at = max(self.at, at)

    def sign(self, step: Step, *whos: str) -> CeremonyRow:
        """Sign a step; without names by those who usually do."""
        for who in whos or SIGNERS[step]:
            self.row = sign_step(**self.ids, step=step, by=self.by(who), at=self.at)
        return self.row

    def count_streets(self) -> CeremonyRow:
        """Let every street sign the right count."""
        for street in self.row.streets:
            self.row = sign_street_count(
                **self.ids,
                street=street.street,
                count=street.listed,
                by=self.by(street.street),
                at=self.at,
            )
        return self.row

    def count(self) -> CeremonyRow:
        """Let every street sign the right count, then the supervisor and the operator."""
        self.count_streets()
        return self.sign(Step.COUNTED)

    def make_cards(self) -> None:
        """Let every party make its secrets, off the platform."""
        for draw in self.row.draws:
            for who in self.cast.parties:
                self.secrets.setdefault((draw.position, who), new_secret().hex())

    def commitment_of(self, position: int, who: str) -> str:
        """Give what a card commits to."""
        draw = self.row.draws[position - 1]
        return commit_secret(
            scheme=self.row.scheme,
            draw_id=draw.draw_number,
            who=who,
            secret=bytes.fromhex(self.secrets[position, who]),
        ).hex()

    def commit(self) -> CeremonyRow:
        """Let every party enter its commitments."""
        self.make_cards()
        for who in self.cast.parties:
            self.commit_one(who)
        return self.row

    def commit_one(self, who: str) -> CeremonyRow:
        """Let one party enter its commitments."""
        self.row = enter_commitments(
            **self.ids,
            who=who,
            commitments=[self.commitment_of(draw.position, who) for draw in self.row.draws],
            by=self.by(who),
            at=self.at,
        )
        return self.row

    def take_beacon(
        self,
        parts: Sequence[str] = BEACON,
        *,
        hands: Sequence[str] = ("operator", "notary"),
        from_place: int = 1,
    ) -> CeremonyRow:
        """Let two people type every part of the beacon, once the announcement is witnessed."""
        if self.row.scheme is Scheme.REAL:
            self.wait_until(self.row.beacon_due_at)
        with known_to_the_installation():
            witness_all()
            for place, text in enumerate(parts[from_place - 1 :], start=from_place):
                for who in hands:
                    self.type_part(place, text, who)
        return self.row

    def type_part(self, place: int, text: str, who: str) -> CeremonyRow:
        """Let one person type one part of the beacon."""
        self.row = enter_beacon_part(
            **self.ids, place=place, text=text, by=self.by(who), at=self.at
        )
        return self.row

    def reveal(self, *, hands: Sequence[str] = ("supervisor", "representative-1")) -> CeremonyRow:
        """Open the box: two people scan every card, whoever is absent."""
        for draw in self.row.draws:
            for who in self.cast.parties:
                for hand in hands:
                    self.scan(draw.position, who, hand=hand)
        return self.row

    def scan(self, position: int, who: str, *, hand: str, secret: str = "") -> CeremonyRow:
        """Let one person scan one card, or another value in its place."""
        self.row = scan_secret(
            **self.ids,
            draw_id=self.row.draws[position - 1].id,
            who=who,
            secret=secret or self.secrets[position, who],
            by=self.by(hand),
            at=self.at,
        )
        return self.row

    def agree(self, *, hands: Sequence[str] = ("operator", "notary", "supervisor")) -> CeremonyRow:
        """Let three verifiers agree on three people's machines."""
        for verifier, hand in zip(VERIFIERS, hands, strict=True):
            self.report(verifier, self.row.result_digest, hand)
        return self.row

    def report(self, verifier: str, digest: str, who: str) -> CeremonyRow:
        """Let one person report what one verifier gave."""
        self.row = report_agreement(
            **self.ids, verifier=verifier, digest=digest, by=self.by(who), at=self.at
        )
        return self.row

    def do(self, step: Step) -> CeremonyRow:
        """Do one step as it is usually done."""
        self.at += timedelta(minutes=1)
        if step is Step.FROZEN and self.row.scheme is Scheme.REAL:
            self.wait_until(self.row.freeze_at)
        special = {
            Step.COUNTED: self.count,
            Step.COMMITTED: self.commit,
            Step.BEACON: self.take_beacon,
            Step.REVEALED: self.reveal,
            Step.AGREED: self.agree,
        }
        return special[step]() if step in special else self.sign(step)

    def play(self, *, until: Step = Step.LOCKED) -> CeremonyRow:
        """Do every step up to and with ``until``."""
        while ORDER.index(self.row.step) < ORDER.index(until):
            following = step_after(self.row.step)
            assert following is not None
            self.do(following)
        return self.row


def lay_out_for(project_id: UUID, *, at: datetime = OPENED_AT) -> CeremonyRow:
    """Lay out a rehearsal in a project, of parties that nobody holds: for pages to show."""
    with recorded(project_id=project_id):
        return lay_out_ceremony(
            project_id=project_id,
            use=Use.EVALUATORS,
            batch="1",
            scheme=Scheme.REHEARSAL,
            terms=NewTerms(
                freeze_at=FREEZE_AT,
                beacon_at=PAST_BEACON_AT,
                beacon_rule=BEACON_RULE,
                redraw_rule="new-secrets-next-beacon",
            ),
            parties=[
                NewParty(who=who, party=party, account_id=new_id())
                for who, party in PARTIES.items()
            ],
            lists=make_lists(size=4, scheme=Scheme.REHEARSAL),
            take=1,
            draw_numbers=[f"YS-{new_id().hex[:8].upper()}-R01"],
            at=at,
        )


def open_play(
    cast: Cast,
    *,
    scheme: Scheme = Scheme.REAL,
    use: Use = Use.ORDER,
    batch: str = "1",
    lists: Sequence[NewList] | None = None,
    draw_numbers: Sequence[str] = (),
    take: int | None = None,
    at: datetime = OPENED_AT,
    freeze_at: datetime = FREEZE_AT,
    beacon_at: datetime | None = None,
    parties: Sequence[NewParty] | None = None,
) -> Play:
    """Open a ceremony of the cast, by its operator."""
    told = make_lists(scheme=scheme) if lists is None else lists
    mark = new_id().hex[:8].upper()
    beacon = BEACON_AT if scheme is Scheme.REAL else PAST_BEACON_AT
    row = open_ceremony(
        project_id=cast.project_id,
        use=use,
        batch=batch,
        scheme=scheme,
        terms=NewTerms(
            freeze_at=freeze_at,
            beacon_at=beacon_at or beacon,
            beacon_rule=BEACON_RULE,
            redraw_rule="new-secrets-next-beacon",
        ),
        parties=cast.new_parties() if parties is None else parties,
        lists=told,
        draw_numbers=draw_numbers or [f"YS-{mark}-D{n:02d}" for n, _ in enumerate(told, start=1)],
        take=take,
        by=cast.actor("operator", at=at),
        at=at,
    )
    return Play(cast=cast, row=row, at=at)
