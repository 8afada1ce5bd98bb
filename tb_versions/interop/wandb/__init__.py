"""Weights & Biases: offline runs, read from their record files."""
