"""The verbs of `minyi`, one file for each family. They are edges: each builds its context and commits once."""
