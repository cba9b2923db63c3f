"""What is wrong with an installation and what to do about it. Looks only: makes, changes and migrates nothing."""
