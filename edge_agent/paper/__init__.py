"""Pages laid under the document camera at a counter: seen, kept on a press, sent sealed. Never people; a preview lives in memory alone."""
