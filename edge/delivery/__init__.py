"""The way out: journal, wire format, MQTT and its broker."""
