"""Reads curves: every point in the event files of runs, of which best, last and values at exports are kept."""
