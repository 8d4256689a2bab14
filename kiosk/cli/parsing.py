"""How the commands' parsers are made; nothing else is loaded for it."""

import argparse

Subparsers = argparse._SubParsersAction  # noqa: SLF001  (argparse has no public name for it)


def add_command(
    subparsers: "Subparsers[argparse.ArgumentParser]",
    name: str,
    summary: str,
    description: str,
    examples: str = "",
) -> argparse.ArgumentParser:
    """A subparser whose description and examples are shown as they are written."""
    return subparsers.add_parser(
        name,
        help=summary,
        description=description,
        epilog=f"examples:\n{examples}" if examples else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
