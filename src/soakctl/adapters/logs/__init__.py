"""Log files as blocks of whole lines: plain, packed, from standard input, and followed."""
