"""Whether who files from afar is who they say: asked, met, settled."""
