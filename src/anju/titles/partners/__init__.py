"""Partners: developers' duty, property managers' stars, and how people rate a service."""
