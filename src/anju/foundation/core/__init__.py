"""Core: words, cryptography and the clock."""
