"""Letters of the court: composed when the court acts, set as PDF/A, signed twice, kept sealed, checked by anyone."""
