"""The append-only, hash-chained log of everything that changes: record, read by cursor, anchor, verify."""
