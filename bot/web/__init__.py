"""The web side: what is asked of the assistant over HTTP."""
