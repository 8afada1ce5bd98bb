"""What the page shows of a table that is too large for it: some rows at a time, counts, and densities."""
