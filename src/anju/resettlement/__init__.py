"""The resettlement wing: who gets which home."""
