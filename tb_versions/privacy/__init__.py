"""What must not leave: secrets, machines, people and paths, found by place and by shape."""
