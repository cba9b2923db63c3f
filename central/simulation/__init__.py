"""A made-up province: a plan drawn from a seed, carried out by the services or written in bulk."""
