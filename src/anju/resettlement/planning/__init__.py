"""The approval of a project's plan: nothing later begins before it is in force."""
