"""The public plane's server: files from memory and one stream a wall. No Django, no database."""
