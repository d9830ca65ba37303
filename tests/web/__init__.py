"""The map client in a real browser."""
