"""Programs that are handed to anybody and check one published draw without Anju."""
