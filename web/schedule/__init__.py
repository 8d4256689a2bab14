"""The page Schedule: the week, the plan, the form of an entry."""
