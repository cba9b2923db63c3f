"""Full text search: a projection of the log in an encrypted file of its own, exact to the character."""
