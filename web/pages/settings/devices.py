"""What a person calls the device somebody signed in on, as far as its browser tells."""

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""What is found first counts: most browsers also name those that they resemble."""

SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)

LONGEST = 60


def device_name(told: str) -> tuple[str, str]:
    """Browser and system, each empty where `told`, a browser's name for itself, does not say."""
    browser = next((name for sign, name in BROWSERS if sign in told), "")
    system = next((name for sign, name in SYSTEMS if sign in told), "")
    return browser, system


def shortened(told: str) -> str:
    """What a browser calls itself, for where that says nothing a person knows."""
    return told if len(told) <= LONGEST else f"{told[: LONGEST - 1]}…"
