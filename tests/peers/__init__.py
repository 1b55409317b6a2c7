"""PyTorch and JAX as judges: heavy to install, so only `make peers` runs these."""
