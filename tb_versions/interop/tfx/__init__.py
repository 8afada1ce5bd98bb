"""Reads what TFX pipelines left: the metadata store (MLMD), the output folder, TFMA's results. Needs none of them."""
