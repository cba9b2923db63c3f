"""What a petition is about, chosen by staff from a scheme of categories; what is proposed, why, and how well proposals do."""
