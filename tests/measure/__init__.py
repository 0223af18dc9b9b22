"""Measurements: how well messages are understood (``make eval``) and how fast (``make bench``). They print, and fail nothing."""
