"""The door: parse, wire, call one service, render, exit."""
