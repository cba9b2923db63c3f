"""Litigation route (诉访分离): which procedure is open, at which court, in which form, and how long still."""
