"""Helpers that know nothing of tensors: files, allowed arguments, numbers, the difference of two arrays."""
