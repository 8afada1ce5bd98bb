"""One module for each group of rows of a comparison."""
