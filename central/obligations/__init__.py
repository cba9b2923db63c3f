"""The obligation ledger as pages and reports: what each court owed in a month, and what became of it."""
