"""Migrations of title cases."""
