"""Short messages to petitioners, by the ways they chose: that there is news, and where to read it; never what it says."""
