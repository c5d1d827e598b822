"""Writes of partners, by what they are about."""
