"""Removes from an export what must not leave this machine."""
