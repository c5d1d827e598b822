"""Anju (安居): resettlement and titles, with every step open to check."""
