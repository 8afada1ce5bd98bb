"""Exports read back: checked, shown, compared with the manifests on disk. What is in them is untrusted."""
