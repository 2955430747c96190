"""Translation files, and the guide's pages."""
