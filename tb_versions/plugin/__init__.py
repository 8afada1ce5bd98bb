"""The door to TensorBoard."""
