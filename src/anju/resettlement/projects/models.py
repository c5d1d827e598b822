"""Tables of projects."""

from __future__ import annotations

from django.db import models


class ProjectRecord(models.Model):
    """A resettlement project with the plan it is carried out by."""

    id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=24, unique=True)
    name = models.TextField()
    division_code = models.CharField(max_length=6, blank=True)
    mode = models.CharField(max_length=16)
    """``score`` or ``lottery``."""
    strata = models.JSONField()
    batch_size = models.IntegerField()
    plan_text = models.TextField()
    """The plan as it was handed in, byte for byte but for its mark of encoding."""
    plan = models.JSONField()
    """The same as data: ``project``, ``tables``, ``facts``, ``rules``, ``draw``."""
    plan_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=16)
    """``open``, then ``frozen`` (a draw rests on the register), then ``closed``."""
    opened_at = models.DateTimeField()
    register_frozen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "projects_project"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=("open", "frozen", "closed")),
                name="projects_project_state_known",
            )
        ]

    def __str__(self) -> str:
        return self.code
