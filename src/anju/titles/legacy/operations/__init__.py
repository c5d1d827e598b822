"""Writes of legacy problems: triage, plans, and what the emergency team does."""
