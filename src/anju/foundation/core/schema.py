"""Schema: row-level security, as migrations write it.

Each transaction says for whom it runs (:mod:`anju.foundation.access.context`): ``anju.projects``
holds the projects in sight, separated by commas, or ``*``; ``anju.household`` the household that
is signed in. Nothing said, nothing seen. The tables' owner is held to it too (FORCE).
"""

from __future__ import annotations

import re

from django.db.migrations.operations import RunSQL

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")

# In a sub-select a setting is read once a statement, not once a row. The star is taken out before
# the cast: the planner evaluates both sides of OR when it estimates.
_SEES_ALL = "(SELECT current_setting('anju.projects', true)) = '*'"
_PROJECTS = (
    "((SELECT string_to_array(nullif(nullif("
    "current_setting('anju.projects', true), ''), '*'), ',')::uuid[])::uuid[])"
)
_HOUSEHOLD = "(SELECT nullif(current_setting('anju.household', true), '')::uuid)"


def _checked(name: str) -> str:
    """Give ``name`` back if it can stand in SQL unquoted: nothing else comes into a migration."""
    if _NAME.fullmatch(name) is None:
        raise ValueError(name)
    return name


def sees_project(*, column: str = "project_id") -> str:
    """Give the condition that ``column`` names a project in sight."""
    return f"({_SEES_ALL} OR {_checked(column)} = ANY ({_PROJECTS}))"


def sees_household(*, column: str = "household_id", project: str = "project_id") -> str:
    """Give the condition that the row's project is in sight, or it is the household's own row."""
    return f"({sees_project(column=project)} OR {_checked(column)} = {_HOUSEHOLD})"


SEES_PROJECT = sees_project()
"""For tables with ``project_id`` that only officers see."""
SEES_HOUSEHOLD = sees_household()
"""For tables with ``project_id`` and ``household_id`` that a household sees its own rows of."""


def force_row_security(table: str, *, using: str) -> RunSQL:
    """Force row-level security on ``table``: one policy, for reading and for writing alike.

    ``using`` is SQL over the row: :data:`SEES_PROJECT`, :data:`SEES_HOUSEHOLD` or a condition of
    the context's own.
    """
    name = _checked(table)
    return RunSQL(
        sql=[
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY {name}_in_sight ON {name} FOR ALL USING ({using}) WITH CHECK ({using})",
        ],
        reverse_sql=[
            f"DROP POLICY {name}_in_sight ON {name}",
            f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY",
        ],
    )
