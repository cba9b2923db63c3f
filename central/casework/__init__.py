"""What petitions, replies and follow-up are together: the acts with their forms, and a petition with all that belongs to it."""
