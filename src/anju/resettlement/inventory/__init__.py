"""Inventory: the homes of a project."""
