"""Tables of homes, of what is planned of them, and of how they were made."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from anju.resettlement.inventory.fields import ExactDecimalField, OptionalExactDecimalField

STATES = ("free", "held", "taken", "reserved")
SOURCES = ("new-build", "existing-stock", "monetary", "reserve")
PROVISIONS = ("school", "medical")
STAGES = ("design", "construction", "acceptance")
PARTIES = ("builder", "supervisor", "representative")
PARTS = ("design", "construction", "supervision")


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
    decided = models.JSONField(default=dict)
    """Column to value: what an operation decided after the table; no later table overrides it."""

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


class StockTermsRecord(models.Model):
    """What a project's stock is measured by, once a project; the ledger keeps the earlier ones."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    terms = models.JSONField()
    set_at = models.DateTimeField()

    class Meta:
        db_table = "inventory_terms"
        constraints = [models.UniqueConstraint(fields=["project_id"], name="inventory_terms_once")]

    def __str__(self) -> str:
        return str(self.project_id)


class LotRecord(models.Model):
    """Homes that come from one source together, or guarantees settled in money (INV-2)."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    name = models.TextField()
    source = models.CharField(max_length=16)
    homes = models.IntegerField()
    district = models.TextField(blank=True)
    ready_on = models.DateField(null=True)

    class Meta:
        db_table = "inventory_lot"
        constraints = [
            models.UniqueConstraint(fields=["project_id", "name"], name="inventory_lot_name_once"),
            models.CheckConstraint(
                condition=models.Q(source__in=SOURCES), name="inventory_lot_source_known"
            ),
            models.CheckConstraint(
                condition=models.Q(homes__gte=0), name="inventory_lot_homes_counted"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SignatureRecord(models.Model):
    """One party's signature under one stage of one home (INV-6): never changed, never removed."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    unit_id = models.UUIDField()
    stage = models.CharField(max_length=16)
    party = models.CharField(max_length=16)
    signed_by = models.UUIDField()
    signed_at = models.DateTimeField()

    class Meta:
        db_table = "inventory_signature"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "unit_id", "stage", "party"],
                name="inventory_signature_once",
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=STAGES), name="inventory_signature_stage_known"
            ),
            models.CheckConstraint(
                condition=models.Q(party__in=PARTIES), name="inventory_signature_party_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.stage} {self.party}"


class DefectRecord(models.Model):
    """A defect of a home: reported, mended, accepted; each noted once, none removed."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    unit_id = models.UUIDField()
    what = models.TextField()
    reported_role = models.CharField(max_length=32)
    reported_at = models.DateTimeField()
    mending = models.TextField(blank=True)
    mended_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "inventory_defect"
        indexes = [models.Index(fields=["project_id", "unit_id"], name="inventory_defect_unit")]

    def __str__(self) -> str:
        return self.what


class ResponsibleRecord(models.Model):
    """Who answers for a part of a building for life (INV-6): a company and its person in charge."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    community = models.TextField(blank=True)
    building = models.TextField(blank=True)
    part = models.CharField(max_length=16)
    organisation = models.TextField()
    responsible = models.TextField()
    named_at = models.DateTimeField()

    class Meta:
        db_table = "inventory_responsible"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(part__in=PARTS), name="inventory_responsible_part_known"
            ),
        ]

    def __str__(self) -> str:
        return self.organisation


class ChangeRecord(models.Model):
    """What one import or one act changed of a home: never changed itself, never removed."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    unit_id = models.UUIDField()
    cause_id = models.UUIDField()
    columns = models.JSONField()
    """Column → ``[before, after]``, both as text."""

    class Meta:
        db_table = "inventory_change"
        indexes = [models.Index(fields=["project_id", "unit_id"], name="inventory_change_unit")]

    def __str__(self) -> str:
        return str(self.unit_id)


class MaterialRecord(models.Model):
    """A picture or a paper of homes: a layout's panorama, or what lies in one home's file."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    document_id = models.UUIDField()
    title = models.TextField()
    is_panorama = models.BooleanField()
    community = models.TextField(blank=True)
    layout = models.TextField(blank=True)
    unit_id = models.UUIDField(null=True)
    kept_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "inventory_material"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "community", "layout"],
                condition=models.Q(unit_id__isnull=True, removed_at__isnull=True),
                name="inventory_material_one_panorama",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FacilityRecord(models.Model):
    """A school or a clinic, and the homes that it is there for (INV-9)."""

    pk = models.CompositePrimaryKey("project_id", "id")
    project_id = models.UUIDField()
    id = models.UUIDField()
    kind = models.CharField(max_length=16)
    name = models.TextField()
    community = models.TextField(blank=True)
    buildings = ArrayField(models.TextField())
    places = models.IntegerField(null=True)
    distance_m = models.IntegerField(null=True)
    ready_on = models.DateField(null=True)

    class Meta:
        db_table = "inventory_facility"
        constraints = [
            models.UniqueConstraint(
                fields=["project_id", "kind", "name"], name="inventory_facility_name_once"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=PROVISIONS), name="inventory_facility_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name
