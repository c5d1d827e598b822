"""Who may be resettled: the basic checks and the three comparisons (三查三比)."""
