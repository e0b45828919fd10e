"""Finding an activation host by DNS or a directory, and nothing else."""
