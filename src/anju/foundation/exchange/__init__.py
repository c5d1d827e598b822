"""Exchange: what comes in from outside, checked before anything is kept."""
