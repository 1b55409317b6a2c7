"""What knows nothing of tensors and that every room may use: files that are written whole."""
