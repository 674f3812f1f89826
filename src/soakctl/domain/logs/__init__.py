"""What is known about logs: levels, times, records of several lines, tracebacks. Pure."""
