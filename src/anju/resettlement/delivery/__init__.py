"""Delivery: a chosen home is handed over, and its title sets out by itself."""
