"""A privacy assistant: answers questions about companies' privacy documents and guides people to their rights."""
