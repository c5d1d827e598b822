"""Rule sets: kept as canonical text with a digest, frozen once, never edited."""
