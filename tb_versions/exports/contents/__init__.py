"""What an export holds: versions, runs, curves, as sections of payloads."""
