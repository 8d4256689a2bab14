"""What caregivers ask for, by page or by command: how things stand, and what is to be different.

Nothing here prints or words a page. What is asked comes with a `View`; answers are plain data, and
the errors' sentences suit whoever asked.
"""
