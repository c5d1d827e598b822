"""Asking other departments: who answers what, the signed messages, and whether an answer counts."""
