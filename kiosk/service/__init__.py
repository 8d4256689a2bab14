"""The running kiosk: its threads, its signals, its end."""
