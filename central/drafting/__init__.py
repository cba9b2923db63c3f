"""What surrounds a draft while it is written: a working copy kept by itself, who else has it open, remarks on passages, differences."""
