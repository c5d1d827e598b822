"""Negotiation: homes given by agreement with each household, under supervision."""
