"""Software of the box: a signed bundle taken in, tried, kept or given up. Every step is on the disk before the next."""
