"""What soakctl does, one use case a file or folder. Takes ports, returns domain values, prints nothing."""
