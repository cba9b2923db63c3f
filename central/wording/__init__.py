"""What replies are written from: templates with placeholders and shared phrases, of each court and inherited downwards."""
