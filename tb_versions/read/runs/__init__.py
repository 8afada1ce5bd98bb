"""The runs that versions came from: links, identities and hyperparameters."""
