"""Hot issues: petitions about one problem of an office or place in a quarter, grouped by their texts, never by person."""
