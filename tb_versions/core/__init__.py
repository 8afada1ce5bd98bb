"""What a version is, its bytes, and files behind one small face: what the write side and the read side share."""
