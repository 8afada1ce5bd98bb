"""What must not leave with an export."""
