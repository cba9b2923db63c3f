"""Numbers of cases (案号) that a petition names: read in any writing, resolved to court and type, kept as typed."""
