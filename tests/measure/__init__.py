"""Measurements that print and fail nothing: understanding (``make eval``) and speed (``make bench``)."""
