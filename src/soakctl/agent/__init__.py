"""What a traced Python program loads, by its path and never as a part of soakctl. Standard library only."""
