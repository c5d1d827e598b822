"""Changes to the tables of legacy problems, one after another."""
