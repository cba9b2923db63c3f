"""Who looked at what, and why: part of the chain of events, shown to staff, auditor and petitioner."""
