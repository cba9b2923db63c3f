"""Files that belong to petitions: looked at, made anew in a confined process, kept sealed."""
