"""The composition root: the only modules that build adapters and the mock, and hand them to services."""
