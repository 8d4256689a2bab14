"""Programs that stand in for the speech child, most of them badly."""
