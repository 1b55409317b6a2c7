"""Any NumPy cost with a hand-written gradient: compared, followed step by step, and explained."""
