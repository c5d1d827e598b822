"""Selection: the draw, the order, batches, turns and choices of a project, on the database."""
