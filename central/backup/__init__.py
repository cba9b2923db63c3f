"""A copy of everything in one sealed file, and the way back to either engine."""
