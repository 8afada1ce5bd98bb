"""What is in a model's files that reaches out of it, and whether the model still answers as it did."""
