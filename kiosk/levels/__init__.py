"""Doses within their range, and proposals to step up or down."""
