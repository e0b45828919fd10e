"""The look shared by every page: base template, style, words for times; no asset comes from elsewhere.

`Pages` renders templates of its own folder on top of the shared ones, autoescaped; `asset` gives the style sheet.
"""
