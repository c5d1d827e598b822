"""Tables of planning. Versions and their papers are public; a consent is its household's own."""

from __future__ import annotations

from django.db import models


class VersionRecord(models.Model):
    """One version of a project's plan; what was drafted never changes."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    number = models.SmallIntegerField()
    """1, 2, …: the newest is the one that is being approved, or that was approved last."""
    case_id = models.UUIDField(null=True)
    """The case of its approval; none where it was approved on paper."""
    rule_set_id = models.UUIDField(null=True)
    rules_version = models.TextField(blank=True)
    rules_digest = models.CharField(max_length=64, blank=True)
    drafted_at = models.DateTimeField()
    drafted_by = models.UUIDField()
    taken_over_reason = models.TextField(blank=True)
    """Why it was taken over from paper; empty where it was approved on the platform."""
    approved_on = models.DateField(null=True)
    """The day of the approval on paper."""
    households = models.IntegerField(null=True)
    """All households of the project, when the consent was counted."""
    consenting = models.IntegerField(null=True)
    refusing = models.IntegerField(null=True)
    consents_digest = models.CharField(max_length=64, blank=True)
    counted_at = models.DateTimeField(null=True)
    in_force_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "planning_version"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "number"], name="planning_version_number_once"
            ),
            models.CheckConstraint(
                condition=models.Q(case_id__isnull=False)
                | models.Q(approved_on__isnull=False, in_force_at__isnull=False)
                & ~models.Q(taken_over_reason=""),
                name="planning_version_approved_somewhere",
            ),
            models.CheckConstraint(
                condition=models.Q(counted_at__isnull=True)
                | models.Q(
                    households__gte=models.F("consenting") + models.F("refusing"),
                    consenting__gte=0,
                    refusing__gte=0,
                ),
                name="planning_version_counts_add_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.number}"


class PaperRecord(models.Model):
    """A paper of a version: its text, or what it was approved by before the platform came."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    version_id = models.UUIDField()
    place = models.SmallIntegerField()
    title = models.TextField()
    digest = models.CharField(max_length=64)
    """SM3 of the file, or of the scan that the archive keeps."""
    document_id = models.UUIDField(null=True)

    class Meta:
        db_table = "planning_paper"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "version_id", "place"], name="planning_paper_place_once"
            )
        ]

    def __str__(self) -> str:
        return self.title


class ConsentRecord(models.Model):
    """One vote of a household on one version; of several the last one counts."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    version_id = models.UUIDField()
    household_id = models.UUIDField()
    place = models.SmallIntegerField()
    """1 for its first vote, 2 where it changed its mind, …"""
    is_for = models.BooleanField()
    mark = models.CharField(max_length=64)
    """SM3 of the household's check code: what the public list shows in place of a name."""
    code_sealed = models.BinaryField()
    document_id = models.UUIDField(null=True)
    """The signed paper, where an officer entered it."""
    given_at = models.DateTimeField()
    given_by = models.UUIDField()

    class Meta:
        db_table = "planning_consent"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "version_id", "household_id", "place"],
                name="planning_consent_place_once",
            )
        ]

    def __str__(self) -> str:
        return self.mark
