"""Changes to the tables of households, one after another."""
