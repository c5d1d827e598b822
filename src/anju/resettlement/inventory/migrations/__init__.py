"""Changes to the tables of inventory, one after another."""
