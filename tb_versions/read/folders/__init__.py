"""Finds what may be read: the allowed folders, and the versions in them."""
