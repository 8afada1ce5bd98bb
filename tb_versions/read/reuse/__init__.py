"""Finds one version, verifies its files and loads the model."""
