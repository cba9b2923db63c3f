"""Measurements. They are never part of the tests: a busy machine must not fail a build."""
