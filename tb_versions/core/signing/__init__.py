"""Signatures of a version's files: what a bundle says, which keys there are, and the library that signs and checks."""
