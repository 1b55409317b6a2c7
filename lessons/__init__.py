"""The lessons: pages in two languages (`en`, `zh`), and exercises that judge themselves.

An exercise is a file in `stubs` with lines to fill in; run, it says what the referee thinks of it. `solutions` has the
same file filled in, and `wrong` the mistakes that are made there, each as an edit of the solution with what the referee
must say. `judging` runs them, `twins` holds the two languages together, `pictures` stands in for the course's pictures.
"""
