"""Title cases: filed at one window, gated by tax and register, ended by a title."""
