"""soakctl takes a long-running service from "tests pass" to "safe to deploy"."""

__version__ = "0.1.0"
