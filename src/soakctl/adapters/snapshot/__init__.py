"""Looks at the environment of a service, a file a question; what cannot be found out is None, never a guess."""
