"""What is stored is of no use to a thief: keys of petitions outside the database, and sealing of fields and files."""
