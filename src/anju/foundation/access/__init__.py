"""Access: organisations, accounts, roles, and the one gate every operation passes."""
