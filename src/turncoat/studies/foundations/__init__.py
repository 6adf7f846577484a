"""Claims of the older papers on text, measured on a trained model."""
