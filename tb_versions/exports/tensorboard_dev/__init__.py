"""Writes, reads back and shows exports in the layout of TensorBoard.dev's exporter."""
