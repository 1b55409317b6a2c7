"""A gallery: small programs, each of which draws one thing."""
