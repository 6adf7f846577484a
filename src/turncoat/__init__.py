"""turncoat finds the few words that turn a text model's verdict."""

__version__ = "0.1.0"
