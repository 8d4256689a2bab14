"""Which of the kept settings can be used."""

import logging
from collections.abc import Mapping

from kiosk.errors import SettingsError
from kiosk.ports import SettingsSource

logger = logging.getLogger(__name__)


def usable(source: SettingsSource, kept: Mapping[str, str]) -> Mapping[str, str]:
    """Those of the `kept` settings that `source` can load.

    One that cannot be used (any more: `kiosk.toml` or the kiosk itself is another now) is passed
    over, as the log says: the kiosk has to start. Raises SettingsError where it is not the kept
    ones that are wrong.
    """
    # Other names come only with a backup that somebody has written, and are no line of the log.
    good = {name: text for name, text in kept.items() if name.isprintable()}
    for name in kept.keys() - good.keys():
        logger.warning("A kept setting is passed over. There is no setting %s.", ascii(name))
    while good:
        try:
            source.load(good)
        except SettingsError as error:
            logger.warning("A kept setting is passed over. %s", error)
            # Where another layer is blamed for not going with them, any of them may be the cause.
            wrong = {problem.path for problem in error.problems} & set(good) or set(good)
            good = {name: text for name, text in good.items() if name not in wrong}
        else:
            break
    return good
