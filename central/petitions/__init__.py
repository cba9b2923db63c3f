"""Petitions: what came in, where it stands, who has it, and the acts that move it."""
