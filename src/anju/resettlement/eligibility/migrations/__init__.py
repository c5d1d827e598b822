"""Changes to the tables of preferences, one after another."""
