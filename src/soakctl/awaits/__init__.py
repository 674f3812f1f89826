"""From what an agent saw to a diagnosis: the graph of who waits for whom, and what is stuck in it. Pure."""
