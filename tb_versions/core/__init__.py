"""What a version is, its bytes, and operations on files: what the write side and the read side share."""
