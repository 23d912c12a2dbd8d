"""Pure statistics of listening tests: no Django, no database, only numpy and scipy.

Tables are (rater, item) arrays with NaN where a rater did not score an item.
"""
