"""Proposals for category, court, rule set and template, learned from what the court decided before. They never decide."""
