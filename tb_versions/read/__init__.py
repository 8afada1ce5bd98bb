"""The read side: from folders and event files to a catalog."""
