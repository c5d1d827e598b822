"""Verify: whether a published result follows from what was published with it, check by check."""
