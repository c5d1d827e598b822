"""Changes to the tables of planning, one after another."""
