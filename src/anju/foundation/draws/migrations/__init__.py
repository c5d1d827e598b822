"""Changes to the tables of policies, one after another."""
