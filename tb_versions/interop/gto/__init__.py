"""GTO's registry, which is git tags, and what DVC's files say at their commits."""
