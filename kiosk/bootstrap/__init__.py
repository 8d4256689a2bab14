"""Puts the kiosk together: the one place that knows which real part stands behind which port.

Nothing is started here.
"""
