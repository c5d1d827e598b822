"""Responsibility agreements with departments, and how they are kept (GOV-2)."""
