"""Reads what a SavedModel says of itself, by parsing: nothing is loaded, run, or imported from TensorFlow.

`wire` reads protobuf's encoding, `metagraph` graphs and signatures, `objects` the variables of TF 2,
`checkpoint` and `table` those of TF 1. docs/decisions/0003-savedmodels-are-parsed.md says why it is done by hand.
"""

from tb_versions.savedmodel.reader import MAX_VARIABLES, function_names, read_graphs, read_saved_model

__all__ = ["MAX_VARIABLES", "function_names", "read_graphs", "read_saved_model"]
