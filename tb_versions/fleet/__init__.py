"""A table of all versions of a models folder, for engines that read Delta Lake. docs/table-format.md describes it."""
