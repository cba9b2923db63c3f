"""After the answer: the call-back, and the close of the file."""
