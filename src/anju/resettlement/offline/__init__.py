"""Offline: one plan folder allocated on one laptop, without a server."""
