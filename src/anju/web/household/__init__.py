"""A family's pages: what to do now, its score, its place, its turn, its choice."""
