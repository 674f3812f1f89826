"""The options of each command, as Typer reads them; what a command does is imported once it is asked for."""
