"""Letters on paper read by machine: pages, lines, fields proposed with their place. Nothing read here counts before a person saw it."""
