"""The public draw: ceremonies nobody can bend, from the frozen list to the locked result."""
