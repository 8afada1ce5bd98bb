"""Gates: rules that a version must pass before it is promoted, judged by what is known; what is not known fails."""
