"""The page of `explore`: its data, its pictures, and the one HTML file around them.

Of the JavaScript, `format`, `walk`, `paths`, `scalars`, `convention`, `guess`, `formulas` and `narration` compute
without a document; the rest shows the results.
"""
