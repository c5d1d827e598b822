"""The schema of this context, step by step."""
