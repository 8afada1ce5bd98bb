"""The layout of TensorBoard.dev's exporter: written, read back, shown."""
