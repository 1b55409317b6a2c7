"""Helpers that know nothing of tensors, for every layer: files, allowed arguments, numbers for JSON."""
