"""The page of `explore`: its data, its pictures, and the one HTML file around them.

Public: `data.data_of`, `layouts.pictures`, `html.HtmlPage`.
"""
