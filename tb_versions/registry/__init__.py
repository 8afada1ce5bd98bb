"""What was said of versions after they were published: the log of events and what follows from it."""
