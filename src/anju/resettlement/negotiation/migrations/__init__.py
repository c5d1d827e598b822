"""Changes to the tables of negotiation, one after another."""
