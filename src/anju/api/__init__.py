"""The same operations for programs: JSON over HTTP, with tokens."""
