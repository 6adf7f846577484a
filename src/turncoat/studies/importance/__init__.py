"""Word importance: measured, compared between models, and drawn."""
