"""Changes to the tables of identity checks, one after another."""
