"""Speech: the engine, its child process, the clips and where they are kept."""
