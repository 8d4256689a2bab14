"""Speech: the engine, its child process, the clips and their cache."""
