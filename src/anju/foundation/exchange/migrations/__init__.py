"""Changes to the tables of exchange, one after another."""
