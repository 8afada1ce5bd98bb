"""Exports read back: checked, shown, compared with the manifests. What is in them is a stranger's."""
