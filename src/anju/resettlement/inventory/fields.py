"""A column of exact decimals that keeps the digits it was given."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    _ExactField = models.Field[Decimal, Decimal]
    _OptionalField = models.Field[Decimal | None, Decimal | None]
else:
    # The typed names exist for the checker alone: Django's fields are no generics when they run.
    _ExactField = _OptionalField = models.Field


class ExactDecimalField(_ExactField):
    """``numeric`` without a scale: 88.50 comes back as 88.50, never as 88.5000.

    What a result publishes is hashed by its text; a padded zero would be another text.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Give PostgreSQL's name of the type."""
        del connection
        return "numeric"


class OptionalExactDecimalField(_OptionalField):
    """The same, where nothing may be known."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Give PostgreSQL's name of the type."""
        del connection
        return "numeric"
