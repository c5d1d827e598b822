"""Households: those who are resettled."""
