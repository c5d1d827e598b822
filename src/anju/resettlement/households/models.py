"""Tables of households."""

from __future__ import annotations

from django.db import models


class HouseholdRecord(models.Model):
    """One household of a project's register; what names a person is sealed."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    number = models.TextField()
    place = models.IntegerField()
    """Where it stands in the register, from 1."""
    stratum = models.TextField()
    street = models.TextField(blank=True)
    name_sealed = models.BinaryField(null=True)
    identity_sealed = models.BinaryField(null=True)
    phone_sealed = models.BinaryField(null=True)
    identity_index = models.BinaryField(null=True)
    """HMAC-SM3 of the identity number: equal numbers meet, nobody reads them back."""
    facts = models.JSONField(default=dict)
    """Fact to whole number, yes or no, or an area as text."""
    needs = models.JSONField(default=list)
    lottery_number = models.BigIntegerField(null=True)
    content_index = models.BinaryField()
    """HMAC-SM3 of all that the register says of it: equal, and nothing is written."""

    class Meta:
        db_table = "households_household"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "number"], name="households_household_number_once"
            ),
            models.UniqueConstraint(
                fields=["project_id", "identity_index"],
                name="households_household_identity_once",
                # A corrected file may swap two numbers: what counts is how the register ends.
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.number
