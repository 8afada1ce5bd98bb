"""The same work done by others: scripts that run in processes of their own."""
