"""Batches: a whole community filed at once, checked offline and taken in home by home."""
