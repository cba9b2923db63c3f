"""The paper behind a petition: envelope and postmark, pages, a cover sheet with a code, where it lies, who has it, its return."""
