"""Pictures of paper: the page found, cut, straightened, evened out and judged. Pure functions on arrays, for centre and box."""
