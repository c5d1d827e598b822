"""Communities: one file each, its homes and who owns them."""
