"""Programs for Python of .venv-trackers: W&B, GTO and Trackio make stores, and say what is in them, as JSON."""
