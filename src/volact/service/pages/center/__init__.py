"""The activation center: a queue, what a caller is found by, and one screen for each case (F44).

queue     cases and customers' requests, the oldest first
find      by Licensing ID, key, name or installation ID; a case is opened from what was found
case      the screen of one case
deeds     what its forms do
policy    what may be done, and why not where it may not
today     what was done
"""
