"""Any NumPy cost with a hand-written gradient: compared, followed step by step, and explained.

Public: `check_gradients`, `compare_named`, `assert_gradients` in `any_cost`, `check_backward` in `pairs`.
"""
