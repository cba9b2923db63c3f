"""Ledgers become petitions: read in a child process, checked row by row, written in batches through the same rules."""
