"""The parts of `foundations_images.py`."""
