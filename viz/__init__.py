"""A gallery: small programs, each of which draws one thing; and the demonstration, which draws several."""
