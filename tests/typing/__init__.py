"""Programs that type checkers look at; see `test_types`."""
