"""The page of `explore`: its data, its pictures, and the one HTML file around them.

Reading order: `data` (the graph as JSON), `layouts` (the pictures), `html` (the file).
The page itself is the JavaScript beside them: `format`, `walk`, `paths`, `scalars`, `guess`, `formulas` and `narration`
compute without a document; the rest shows the results.
"""
