"""One camera's eye: depth frames in, heads and a 20 cm occupancy grid out.  Pure: no I/O, clock, thread or logger."""
