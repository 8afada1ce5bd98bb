"""MLflow's registry, read from its database, its files or its server, and written through its client."""
