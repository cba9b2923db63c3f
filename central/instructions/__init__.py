"""Leaders' written instructions (批示): a document with addressees, a clock of its own, acknowledgement and report."""
