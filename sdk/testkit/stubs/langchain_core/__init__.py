"""A stand-in for langchain-core: the callbacks' base class."""
