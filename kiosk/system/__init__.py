"""Services of the operating system: clocks, time zone, files, folders, network names, memory."""
