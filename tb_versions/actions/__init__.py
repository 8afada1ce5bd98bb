"""The verbs that change a model's registry or ask it; each is a function of the Python API and a command."""
