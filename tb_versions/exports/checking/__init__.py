"""Reads exports back: checks them, shows them, compares them with the manifests on disk. Their content is untrusted."""
