"""Questions to other departments: asked, signed, answered, tracked (EXC-1, GOV-2)."""
