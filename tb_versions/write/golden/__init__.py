"""Golden outputs of a version that is published: inputs from the user, answers from the export."""
