"""Reads what TFX pipelines left: the metadata store (MLMD), the output folder, and TFMA's results. Loads none of them."""
