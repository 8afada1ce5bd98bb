"""The write side: from a training script to a version's folder and its announcement."""
