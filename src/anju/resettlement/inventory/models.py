"""Tables of homes."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from anju.resettlement.inventory.fields import ExactDecimalField, OptionalExactDecimalField

STATES = ("free", "held", "taken", "reserved")


class UnitRecord(models.Model):
    """One home, one file (一房一档, INV-1): what is known of it, and whether it is still free.

    Areas keep the decimals they were certified with; distances are whole metres.
    """

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    number = models.TextField()
    place = models.IntegerField()
    """Where it stands in the unit table, from 1."""
    state = models.CharField(max_length=16, default="free")
    content_digest = models.BinaryField()
    """SM3 of all that the table says of it: equal digests, nothing to write."""
    import_ids = ArrayField(models.UUIDField())
    """The imports that brought or changed it, the first first: their entries are its history."""

    position = models.TextField(blank=True)
    community = models.TextField(blank=True)
    building = models.TextField(blank=True)
    stair = models.TextField(blank=True)
    floor = models.IntegerField(null=True)
    total_floors = models.IntegerField(null=True)
    room = models.TextField(blank=True)
    orientation = models.TextField(blank=True)
    layout = models.TextField(blank=True)
    rooms = models.IntegerField(null=True)
    area_sqm = ExactDecimalField()
    inner_area_sqm = OptionalExactDecimalField(null=True)
    decoration = models.TextField(blank=True)
    quality_grade = models.TextField(blank=True)
    location_tier = models.TextField(blank=True)
    amenity_tier = models.TextField(blank=True)
    has_lift = models.BooleanField()
    is_barrier_free = models.BooleanField()
    school_district = models.TextField(blank=True)
    transit_distance_m = models.IntegerField(null=True)
    commerce_distance_m = models.IntegerField(null=True)
    hospital_distance_m = models.IntegerField(null=True)
    parking = models.TextField(blank=True)
    handover_on = models.DateField(null=True)
    price_fen_per_sqm = models.BigIntegerField(null=True)
    reserved_for = models.TextField(blank=True)
    attachments = models.JSONField(default=list)
    panorama = models.TextField(blank=True)
    other = models.JSONField(default=dict)
    """Columns of the clerk's that have no meaning here: kept as text."""

    class Meta:
        db_table = "inventory_unit"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "number"], name="inventory_unit_number_once"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=STATES), name="inventory_unit_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(area_sqm__gt=0), name="inventory_unit_area_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.number
