"""Continuous copies: what was committed is sealed and put elsewhere every few seconds, and any minute of it can be restored."""
