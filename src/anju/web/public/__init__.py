"""Pages for everybody: projects, the wall, homes, draws, proofs. Nobody signs in to read them."""
