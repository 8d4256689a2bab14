"""A session: table of states, gestures, the controller thread, snapshots and their feed."""
