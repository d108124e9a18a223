"""The version of the package; other files read it from here."""

__version__ = "0.1.0"
