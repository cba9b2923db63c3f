"""Courts, their departments and tree."""
