"""A session as a score: what is said (`score`), when (`layout`), what is going on (`timeline`) and
how it sounds (`render`). All of it pure: no thread, file or clock.
"""
