"""The embedded PostgreSQL: one server of our own, never as root, reached by a private socket."""
