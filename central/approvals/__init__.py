"""Who approves an answer, step by step: chains that a court sets, and where a reply stands in one."""
