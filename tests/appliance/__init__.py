"""The kiosk installed on a whole system of its own, which is started for real, in a container."""
