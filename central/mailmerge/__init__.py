"""Many petitions about one matter, each with its own letter from one text."""
