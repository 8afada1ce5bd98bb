"""Where an export is put: whole or not at all, and never over what is not ours."""
