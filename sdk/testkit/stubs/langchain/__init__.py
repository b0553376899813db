"""A stand-in for langchain: the old path of the callbacks."""
