"""Who may not touch a petition: people and units complained about, those who tried the case, their line (arts 28, 30)."""
