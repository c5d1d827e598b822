"""The database's own catalogue, read for ways round row-level security (T-25)."""

from __future__ import annotations

import psycopg

RULES = {
    "view-as-owner": """
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND (relkind = 'm' OR relkind = 'v' AND NOT
            coalesce(reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on'])
    """,
    "definer-without-search-path": """
        SELECT proname FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prosecdef AND NOT EXISTS (
            SELECT 1 FROM unnest(proconfig) setting WHERE setting ~ '^search_path=.*pg_temp$')
    """,
    "definer-for-everybody": """
        SELECT proname FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prosecdef
            AND has_function_privilege('public', oid, 'EXECUTE')
    """,
    "sealed-without-force": """
        SELECT DISTINCT relname || '.' || attname FROM pg_class
        JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND attname ~ '_sealed$' AND NOT (relrowsecurity AND relforcerowsecurity)
    """,
    "secured-without-force": """
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND relrowsecurity <> relforcerowsecurity
    """,
    "policy-without-context": """
        SELECT tablename || '.' || policyname FROM pg_policies
        WHERE schemaname = 'public' AND (
            coalesce(qual, with_check) NOT LIKE '%current_setting(''anju.%'
            OR coalesce(with_check, qual) NOT LIKE '%current_setting(''anju.%')
    """,
    "personal-data-in-plain": """
        SELECT relname || '.' || attname FROM pg_class
        JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND atttypid IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)
            AND attname ~ '^((id(entity)?_?(number|card)?)|identity|phone|mobile|telephone'
                '|(full|real|owner|holder|household|applicant|member)_name|pinyin'
                '|(home|postal)_address)$' AND attname <> 'id'
    """,
    # A unique index answers "is it there?" to whoever may insert, past every policy.
    "unique-on-plain-text": """
        SELECT relname || '.' || attname FROM pg_index
        JOIN pg_class ON pg_class.oid = indrelid
        JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
        WHERE relnamespace = 'public'::regnamespace AND indisunique AND relrowsecurity
            AND atttypid IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)
    """,
    "service-role-owns": """
        SELECT rolname || ' owns ' || what FROM (
            SELECT relowner AS owner, relname::text AS what FROM pg_class
            UNION ALL SELECT proowner, proname FROM pg_proc
            UNION ALL SELECT nspowner, nspname FROM pg_namespace
            UNION ALL SELECT datdba, datname FROM pg_database
        ) owned JOIN pg_roles ON pg_roles.oid = owner WHERE rolname IN ('anju_app', 'anju_ledger')
    """,
    "role-above-policies": """
        SELECT rolname FROM pg_roles
        WHERE rolname LIKE 'anju%' AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication)
    """,
    "role-in-a-role": """
        SELECT child.rolname || ' in ' || parent.rolname FROM pg_auth_members
        JOIN pg_roles child ON child.oid = member JOIN pg_roles parent ON parent.oid = roleid
        WHERE child.rolname LIKE 'anju%'
    """,
    "right-of-everybody": """
        SELECT relname FROM pg_class, aclexplode(relacl) AS given
        WHERE relnamespace = 'public'::regnamespace AND given.grantee = 0
    """,
    # TRUNCATE, TRIGGER and REFERENCES know no policy.
    "right-past-policies": """
        SELECT relname || ' ' || privilege_type FROM pg_class, aclexplode(relacl) AS given
        JOIN pg_roles ON pg_roles.oid = grantee
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND rolname IN ('anju_app', 'anju_ledger')
            AND privilege_type IN ('TRUNCATE', 'TRIGGER', 'REFERENCES')
    """,
}
"""What must not be, by name: each asks for what is found wrong."""
NUMBERS = frozenset({"access_account.login", "households_household.number"})
"""Plain text that must be unique and says nothing of a person: an officer's login (a household's is
a blind index), a household's number in its own project."""


def catalogue_findings(connection: psycopg.Connection) -> list[str]:
    """Give everything the rules find, as ``rule: thing``."""
    return sorted(
        f"{name}: {row[0]}"
        for name, rule in RULES.items()
        for row in connection.execute(rule.encode()).fetchall()
        if not (name == "unique-on-plain-text" and row[0] in NUMBERS)
    )
