"""`tb-versions mcp`: questions of assistants, answered by the commands that read, over the Model Context Protocol."""
