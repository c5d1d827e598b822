"""Documents: what people hand in, made harmless, kept sealed, with where it came from."""
