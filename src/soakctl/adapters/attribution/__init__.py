"""What a service's resources grow by: descriptors, threads, tasks, children, and the lines that allocate memory."""
