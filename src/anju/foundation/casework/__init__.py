"""Casework: everything people decide step by step under a time limit."""
