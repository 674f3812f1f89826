"""The engine that keeps a service running and records it, and the parts that smoke and soak are made of."""
