"""How the world is touched: each module implements one port. The only home of processes, files and sockets."""
