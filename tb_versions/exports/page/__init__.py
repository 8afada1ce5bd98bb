"""Exports as a page: one HTML file, or a folder for static hosting."""
