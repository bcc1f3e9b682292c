"""One module for each kind of channel, and ``make``, which builds those that ``device.toml`` names."""
