"""Publishes versions from other libraries, in one line: each module bears the name of its library.

Importing a module here loads no library; using it does.
"""
