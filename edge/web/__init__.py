"""The one origin that phones open: the app, the API, and MQTT over WebSocket."""
