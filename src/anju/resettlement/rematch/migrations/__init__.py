"""Changes to the tables of re-matches, one after another."""
