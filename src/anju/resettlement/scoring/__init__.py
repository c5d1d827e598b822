"""Scoring: every household's sheet under the frozen rules."""
