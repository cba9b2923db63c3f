"""Drills: something is broken on purpose, with a seed, and what the platform promises is measured. `scripts/drill.sh NAME`."""
