"""Who may be resettled: three reviews, two notices, and what they are compared with."""
