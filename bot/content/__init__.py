"""Files become core values here, strictly: everything that is wrong with them is told at once, with its place."""
