"""Supervision orders (督办): a court explains a late or poor handling, to whoever stands over it, by a day that a rule gives."""
