"""Changes to the tables of certificates, one after another."""
