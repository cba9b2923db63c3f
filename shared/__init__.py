"""What the centre and the hall box must agree on: topics, wire messages, ids, clock, codes. No files, no network."""
