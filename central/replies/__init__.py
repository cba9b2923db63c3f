"""The answer: drafted to each demand, approved, issued, delivered with proof."""
