"""Wishes: the homes a household would choose, in its order."""
