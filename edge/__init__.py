"""Miseban's edge daemon: from depth frames to an alert on the staff's phones."""
