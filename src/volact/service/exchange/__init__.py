"""Sheets in and out: products, agreements, purchases and keys as CSV, applied as a whole or not at all.

sheet       bytes <-> rows of texts: strict, one broken line costs one row
columns     the texts of a row as numbers, days, lists and words
results     what a row came to
products    one catalog version for all rows
agreements  organizations and their agreements
purchases   numbers of licenses, set and not added
keys        keys that are issued, taken over, or allow another number
importing   one transaction for all rows; a dry run undoes it
exporting   what is on record, in the columns that an import takes
"""
