"""The caregiver's pages: Flask on the home network, in front of `kiosk.api` and nothing else."""
