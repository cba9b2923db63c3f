"""`minyi-edge selftest`: walks an installer through every device of a box."""
