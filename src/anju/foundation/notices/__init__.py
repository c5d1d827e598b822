"""Notices: what is published for a statutory time, with proof of what was shown and when."""
