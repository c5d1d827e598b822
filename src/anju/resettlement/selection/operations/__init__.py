"""Operations of the selection: the draw, batches, turns and choices."""
