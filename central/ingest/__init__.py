"""What comes from the hall boxes and what goes down to them."""
