"""Changes to the tables of scoring, one after another."""
