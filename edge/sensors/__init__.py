"""The way in: cameras, and recorded sessions played as cameras."""
