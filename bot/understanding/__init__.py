"""From text to what was meant, with no model from outside: everything is learned from the example phrases."""
