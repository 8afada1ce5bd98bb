"""JSON that travels: what HTTP, the command line and exports share."""
