"""Training: from an id stream to the two weight matrices."""
