"""Tables of rule sets, and of the laws they are held to."""

from __future__ import annotations

from django.db import models


class RuleSetRecord(models.Model):
    """One version of a project's rules, as canonical text; once frozen, no field changes."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    version = models.TextField()
    effective_on = models.DateField()
    canonical = models.JSONField()
    digest = models.CharField(max_length=64)
    """SM3 of the canonical text (RFC 8785), hexadecimal."""
    created_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True)
    frozen_by = models.UUIDField(null=True)

    class Meta:
        db_table = "policies_rule_set"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "version"], name="policies_rule_set_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.digest}"


class EditionRecord(models.Model):
    """An edition of a law, loaded after the platform came; it is only ever added."""

    id = models.UUIDField(primary_key=True)
    law = models.TextField()
    edition = models.DateField()
    """The day from which it is in force."""
    content = models.TextField()
    """The law's table as canonical JSON (RFC 8785)."""
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    class Meta:
        db_table = "policies_edition"
        constraints = [
            models.UniqueConstraint(fields=["law", "edition"], name="policies_edition_once")
        ]

    def __str__(self) -> str:
        return f"{self.law} {self.edition}"
