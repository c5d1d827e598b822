"""Changes to the tables of communities, one after another."""
