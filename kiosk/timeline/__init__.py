"""A session as a score: what is said (`score`), when (`layout`), what is going on (`timeline`) and
how it sounds (`render`). All of it pure; nothing here knows a thread, a file or a clock.
"""
