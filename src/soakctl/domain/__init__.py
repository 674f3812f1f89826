"""What is true: frozen values and pure functions. No clock, files, processes or terminal."""
