"""The officer's pages: what waits, imports, scores, the draw, and the desk of the turns."""
