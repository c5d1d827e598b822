"""What happens without anybody waiting: queued work, loops, nightly checks."""
