"""Review and re-review (Regulation on Petition Work arts 35, 36): asked for, decided by the court above, delivered."""
