"""The chance that the next deadline of a petition is missed, from the course of the court's work alone."""
