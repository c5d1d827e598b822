"""Projects: what is being resettled, by which plan."""
