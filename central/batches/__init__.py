"""Batches from above (交办): a set of petitions assigned to courts below with one return date."""
