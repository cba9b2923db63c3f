"""What petitioners send after their petition came in: supplements, which somebody reads, and objections, which the court answers."""
