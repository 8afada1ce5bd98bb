"""What is in a model's files that runs code or reaches out of it, found without loading it."""
