"""A result of a gate as other programs take it: Markdown, JUnit, OpenMetrics, an in-toto Statement, annotations."""
