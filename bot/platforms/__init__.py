"""Chat platforms: to our events, from our replies, and a loop; nothing else."""
