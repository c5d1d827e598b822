"""The titles wing: from a community's file to the deed for every home."""
