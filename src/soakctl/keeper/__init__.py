"""The small process that starts, watches and stops a service. Standard library only, and little of that."""
