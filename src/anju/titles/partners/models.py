"""Tables of partners: constraints only, no rules."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

KINDS = ("developer", "manager")
ACTS = ("security", "restriction")
RANKS = ("law", "regulation", "state-council", "local")
FORMS = ("deposit", "guarantee")
FACTS = ("deadline-kept", "material-collected", "answer-given")
CHANNELS = ("qr", "window", "online")


class PartyRecord(models.Model):
    """A company in one part: developer or property manager; the whole city knows it."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=9)
    name = models.TextField()
    credit_code = models.CharField(max_length=18)
    registered_at = models.DateTimeField()

    class Meta:
        db_table = "partners_party"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="partners_party_kind_known"),
            models.UniqueConstraint(fields=["kind", "credit_code"], name="partners_party_once"),
        ]

    def __str__(self) -> str:
        return self.credit_code


class BasisRecord(models.Model):
    """A text that allows an act against companies; never changed, only withdrawn."""

    id = models.UUIDField(primary_key=True)
    act = models.CharField(max_length=12)
    rank = models.CharField(max_length=16)
    clause = models.TextField()
    source = models.TextField()
    certainty = models.CharField(max_length=1)
    from_on = models.DateField()
    until_on = models.DateField(null=True)
    withdrawn_on = models.DateField(null=True)
    why_withdrawn = models.TextField(blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "partners_basis"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(act__in=ACTS), name="partners_basis_act_known"),
            models.CheckConstraint(condition=Q(rank__in=RANKS), name="partners_basis_rank_known"),
            models.CheckConstraint(
                condition=Q(certainty__in=("C", "M", "P", "U")), name="partners_basis_certainty"
            ),
        ]

    def __str__(self) -> str:
        return self.clause


class DutyRecord(models.Model):
    """A building whose first registration a developer owes."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    party_id = models.UUIDField()
    building = models.TextField()
    accepted_on = models.DateField(null=True)
    handed_over_on = models.DateField(null=True)
    registered_on = models.DateField(null=True)
    laid_at = models.DateTimeField()

    class Meta:
        db_table = "partners_duty"
        indexes: ClassVar = [models.Index(fields=["party_id"], name="partners_duty_of_party")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["project_id", "building"], name="partners_duty_once")
        ]

    def __str__(self) -> str:
        return self.building


class DemandRecord(models.Model):
    """A security that a developer was asked for, on a basis."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    party_id = models.UUIDField()
    basis_id = models.UUIDField()
    amount_fen = models.BigIntegerField()
    covers_until = models.DateField()
    demanded_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    """When everything was given back, and nothing was asked any more."""

    class Meta:
        db_table = "partners_demand"
        indexes: ClassVar = [models.Index(fields=["party_id"], name="partners_demand_of_party")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0), name="partners_demand_amount_positive"
            ),
            models.UniqueConstraint(
                fields=["project_id", "party_id"],
                condition=Q(released_at__isnull=True),
                name="partners_demand_one_open",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class GuaranteeRecord(models.Model):
    """What was given for a demand: money, or a bank's letter of guarantee. Written once."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    demand_id = models.UUIDField()
    basis_id = models.UUIDField()
    form = models.CharField(max_length=9)
    amount_fen = models.BigIntegerField()
    given_on = models.DateField()
    valid_until = models.DateField(null=True)
    issuer = models.TextField()
    number = models.TextField()

    class Meta:
        db_table = "partners_guarantee"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(form__in=FORMS), name="partners_guarantee_form"),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0), name="partners_guarantee_positive"
            ),
            models.CheckConstraint(
                condition=Q(form="deposit", valid_until__isnull=True)
                | Q(form="guarantee", valid_until__gte=F("given_on")),
                name="partners_guarantee_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class RestrictionRecord(models.Model):
    """A company barred from the market by two people, on a basis, until a day."""

    id = models.UUIDField(primary_key=True)
    party_id = models.UUIDField()
    basis_id = models.UUIDField()
    reason = models.TextField()
    from_on = models.DateField()
    until_on = models.DateField()
    lifted_on = models.DateField(null=True)
    why_lifted = models.TextField(blank=True)
    restricted_at = models.DateTimeField()
    event_id = models.UUIDField()

    class Meta:
        db_table = "partners_restriction"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["party_id"],
                condition=Q(lifted_on__isnull=True),
                name="partners_restriction_one_open",
            ),
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")), name="partners_restriction_ends"
            ),
        ]

    def __str__(self) -> str:
        return str(self.party_id)


class FactRecord(models.Model):
    """Whether a property manager did one thing as it should be. Written once."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    party_id = models.UUIDField()
    kind = models.CharField(max_length=18)
    is_met = models.BooleanField()
    on = models.DateField()
    about = models.TextField()
    """What it is about, in the officer's words; names nobody."""
    source_id = models.UUIDField(null=True)
    """The step, material or question it was taken from: the same one is noted once."""
    noted_at = models.DateTimeField()

    class Meta:
        db_table = "partners_fact"
        indexes: ClassVar = [models.Index(fields=["party_id", "on"], name="partners_fact_of_party")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=FACTS), name="partners_fact_kind_known"),
            models.UniqueConstraint(
                fields=["project_id", "source_id", "kind"],
                condition=Q(source_id__isnull=False),
                name="partners_fact_source_once",
            ),
        ]

    def __str__(self) -> str:
        return self.about


class StarRecord(models.Model):
    """A manager's stars of a quarter, as they were published. Written once."""

    id = models.UUIDField(primary_key=True)
    party_id = models.UUIDField()
    quarter = models.CharField(max_length=7)
    stars = models.IntegerField(null=True)
    tenths = models.IntegerField(null=True)
    counts = models.JSONField()
    """Kind of fact: how many were met, of how many."""
    formula = models.TextField()
    event_id = models.UUIDField()
    published_at = models.DateTimeField()

    class Meta:
        db_table = "partners_star"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party_id", "quarter"], name="partners_star_once"),
            models.CheckConstraint(
                condition=Q(stars__isnull=True, tenths__isnull=True)
                | Q(stars__gte=1, stars__lte=5, tenths__gte=0, tenths__lte=1000),
                name="partners_star_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quarter} {self.stars}"


class RatingRecord(models.Model):
    """A rating of one service: no person who gave it, no words. Written once."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    service_kind = models.CharField(max_length=16)
    service_id = models.UUIDField()
    level = models.IntegerField()
    matter = models.TextField()
    """The procedure, or the kind of service."""
    office = models.CharField(max_length=12)
    """The division of the office that served."""
    officer_id = models.UUIDField(null=True)
    """The account that decided last."""
    channel = models.CharField(max_length=6)
    wants_visit = models.BooleanField()
    case_id = models.UUIDField(null=True)
    """The case that a bad one opened."""
    given_at = models.DateTimeField()

    class Meta:
        db_table = "partners_rating"
        indexes: ClassVar = [models.Index(fields=["office", "given_at"], name="partners_rating_at")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["project_id", "service_id"], name="partners_rating_service_once"
            ),
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=5), name="partners_rating_level"
            ),
            models.CheckConstraint(
                condition=Q(level__gte=3) | Q(case_id__isnull=False),
                name="partners_rating_bad_has_case",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=CHANNELS), name="partners_rating_channel"
            ),
        ]

    def __str__(self) -> str:
        return str(self.level)


class CommentRecord(models.Model):
    """What somebody wrote with a rating, and how to reach them: sealed, for officers only."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    """The rating's."""
    subject_id = models.UUIDField()
    """Whose key seals it: the household's whose service it was, else the scope's."""
    words_sealed = models.BinaryField()
    """JSON: ``comment`` and ``contact``."""

    class Meta:
        db_table = "partners_comment"

    def __str__(self) -> str:
        return str(self.id)


class ProgrammeCountRecord(models.Model):
    """One figure of the sixty-month plan as it stood in one month. Written once; names nobody."""

    id = models.UUIDField(primary_key=True)
    month = models.IntegerField()
    """Of the programme, counted from one."""
    indicator = models.TextField()
    counted_on = models.DateField()
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField()
    event_id = models.UUIDField()

    class Meta:
        db_table = "partners_programme_count"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["month", "indicator"], name="partners_programme_count_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    denominator__gte=1,
                    month__gte=1,
                    numerator__gte=0,
                    numerator__lte=models.F("denominator"),
                ),
                name="partners_programme_count_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.month}"
