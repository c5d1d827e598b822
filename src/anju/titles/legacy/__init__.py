"""Legacy problems: what keeps a community from its titles, its plan, and what was done about it."""
