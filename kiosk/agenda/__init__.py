"""Rules of the plan as pure functions: what is due when, what became of it, and what comes next.

Nothing here asks for the time or keeps anything: the moment, the time zone and what was kept are
handed in, and what is to be kept is handed back.
"""
