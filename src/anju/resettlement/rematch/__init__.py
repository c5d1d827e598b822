"""Re-match: what a selection left goes round once more, and nobody loses a home by it."""
