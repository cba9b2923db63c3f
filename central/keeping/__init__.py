"""How long petitions are kept, who decides what becomes of them, and how they are erased for good."""
