"""Settlements: what a difference in area comes to, home by home, line by line."""
