"""The edge of each task: what its victims, data and attacks are called, and what makes them ready."""
