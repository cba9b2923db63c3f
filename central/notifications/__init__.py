"""Who is told what, when and how: reminders of what is due, news of what happened, by inbox, mail, SMS and webhook."""
