"""All that is due by working days counted anew together: the clocks of petitions, and what other domains date by periods."""
