"""The tree of courts and their departments."""
