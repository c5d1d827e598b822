"""Changes to the tables of projects, one after another."""
