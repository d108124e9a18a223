"""Helper modules for several test files."""
