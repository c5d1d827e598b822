"""Tables of eligibility: statements, reviews, what they rested on, notices and objections."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class StatementRecord(models.Model):
    """What a household stated of itself, in one version; written once."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    household_id = models.UUIDField()
    version = models.IntegerField()
    """1 is the first; the newest counts."""
    stated_sealed = models.BinaryField()
    stated_by = models.UUIDField()
    stated_at = models.DateTimeField()

    class Meta:
        db_table = "eligibility_statement"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "household_id", "version"],
                name="eligibility_statement_version_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.version}"


class MarkRecord(models.Model):
    """A blind index under which an application meets others, in every project of the city."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    household_id = models.UUIDField()
    kind = models.TextField()
    """``holder``, ``person``, ``dwelling`` or ``register``."""
    index = models.BinaryField()

    class Meta:
        db_table = "eligibility_mark"
        indexes = [
            models.Index(fields=["index"], name="eligibility_mark_index"),
            models.Index(fields=["project_id", "household_id"], name="eligibility_mark_household"),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.kind}"


class ReviewRecord(models.Model):
    """One round of a household's review; the newest round counts."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    """The case; of a review taken over from paper, an id of its own."""
    household_id = models.UUIDField()
    round = models.IntegerField()
    standing = models.TextField()
    take_over_id = models.UUIDField(null=True)
    """By which papers it was taken over, where it was finished before the platform came."""
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    street_by = models.UUIDField(null=True)
    district_by = models.UUIDField(null=True)
    city_by = models.UUIDField(null=True)
    """Who decided at each level; three people, never one twice."""
    visited_at = models.DateTimeField(null=True)
    """When the home was visited for a doubt of this course of the review."""

    returned_at = models.DateTimeField(null=True)
    """When it last went back to a review; what was published before no longer counts."""

    class Meta:
        db_table = "eligibility_review"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "household_id", "round"],
                name="eligibility_review_round_once",
            ),
            models.CheckConstraint(
                condition=models.Q(standing__in=["open", "confirmed", "refused", "withdrawn"]),
                name="eligibility_review_standing_known",
            ),
            # T-06: whoever is confirmed was decided on by three people, or taken over by two.
            models.CheckConstraint(
                condition=~models.Q(standing="confirmed")
                | models.Q(
                    street_by__isnull=False,
                    district_by__isnull=False,
                    take_over_id__isnull=False,
                )
                | models.Q(
                    street_by__isnull=False,
                    district_by__isnull=False,
                    city_by__isnull=False,
                ),
                name="eligibility_review_confirmed_by_people",
            ),
            models.CheckConstraint(
                condition=~models.Q(street_by=models.F("district_by"))
                & ~models.Q(street_by=models.F("city_by"))
                & ~models.Q(district_by=models.F("city_by")),
                name="eligibility_review_nobody_twice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.round}"


class SheetRecord(models.Model):
    """The comparisons as they stood when a step was decided on them; written once."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    case_id = models.UUIDField()
    household_id = models.UUIDField()
    step = models.TextField()
    outcome = models.TextField()
    lines_sealed = models.BinaryField()
    digest = models.CharField(max_length=64)
    """SM3 of the lines: what the sealed text must give when it is opened."""
    made_at = models.DateTimeField()
    made_by = models.UUIDField()

    class Meta:
        db_table = "eligibility_sheet"
        indexes = [models.Index(fields=["project_id", "case_id"], name="eligibility_sheet_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.step}"


class PublishedRecord(models.Model):
    """That a review stood in a notice."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    notice_id = models.UUIDField()
    step = models.TextField()
    """``first-notice`` or ``final-notice``."""
    case_id = models.UUIDField()
    household_id = models.UUIDField()
    number = models.TextField()
    """The household's number, as the notice shows it."""
    division = models.TextField()
    """Where its case lies: an objection lies there too."""
    published_at = models.DateTimeField()

    class Meta:
        db_table = "eligibility_published"
        indexes = [
            models.Index(fields=["project_id", "notice_id"], name="eligibility_published_notice"),
            models.Index(fields=["project_id", "case_id"], name="eligibility_published_case"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.case_id}"


class ObjectionRecord(models.Model):
    """An objection to what a notice says of a household."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    """Its own case."""
    notice_id = models.UUIDField()
    step = models.TextField()
    review_id = models.UUIDField()
    about_id = models.UUIDField()
    """The household whose entry is objected to."""
    household_id = models.UUIDField(null=True)
    """The household that objects; empty for anybody else."""
    person_sealed = models.BinaryField(null=True)
    """Who objects where no household does: name and how to reach them."""
    lodged_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    is_upheld = models.BooleanField(null=True)

    class Meta:
        db_table = "eligibility_objection"
        indexes = [
            models.Index(fields=["project_id", "review_id"], name="eligibility_objection_review")
        ]

    def __str__(self) -> str:
        return f"{self.id}"


class TakeOverRecord(models.Model):
    """Papers by which reviews that were finished before the platform came were taken over."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    papers = ArrayField(models.UUIDField())
    reason = models.TextField()
    households = models.IntegerField()
    taken_by = models.UUIDField()
    second_by = models.UUIDField()
    taken_at = models.DateTimeField()

    class Meta:
        db_table = "eligibility_take_over"

    def __str__(self) -> str:
        return f"{self.project_id} {self.households}"
