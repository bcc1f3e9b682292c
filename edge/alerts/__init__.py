"""What the staff are told about acts: a level, its reasons, one alert per episode.  Pure."""
