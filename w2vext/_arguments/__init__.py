"""What the arguments of public functions may be: types, checks, and the values in messages."""
