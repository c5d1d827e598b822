"""Programs that are copied into what is published and run without Anju."""
