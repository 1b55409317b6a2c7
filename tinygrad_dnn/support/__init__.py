"""Helpers that know nothing of tensors: files, allowed arguments, numbers, the difference of two arrays.

Public is every name without an underscore; each is imported from its module, so that importing one loads no other.
"""
