"""Versions that another tracker recorded become versions here: what is common to all trackers."""
