"""People who work here: accounts, roles, sign-in, tokens, and who may do what."""
