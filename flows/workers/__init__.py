"""Documents are read in processes of their own, bounded in time and memory: the pool, what runs in a process, the limits."""
