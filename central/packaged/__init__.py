"""Packaged cases (包案): one matter, one leader, one responsible person, one plan, one programme."""
