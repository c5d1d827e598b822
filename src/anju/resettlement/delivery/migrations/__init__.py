"""Changes to the tables of delivery, one after another."""
