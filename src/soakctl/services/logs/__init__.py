"""What `soakctl logs` does with blocks of lines: select, group, count."""
