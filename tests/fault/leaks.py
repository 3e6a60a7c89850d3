#!/usr/bin/env python3
"""Whether the logs of gateways hold what no log may: people and keys.

    leaks.py FOLDER KEY...

FOLDER has the logs (gateway*.log) and what kill_loop_driver knows of people
(`personal`, a line each). Shows what it finds, and exits with 1.
"""

import json
import pathlib
import sys
import urllib.parse


def forms(text):
    """As a log might spell it."""
    return {text, json.dumps(text)[1:-1],
            json.dumps(text, ensure_ascii=False)[1:-1],
            urllib.parse.quote(text, safe=''), urllib.parse.quote_plus(text)}


def leaks(folder, keys):
    folder = pathlib.Path(folder)
    personal = (folder / 'personal').read_text(encoding='utf-8').splitlines()
    logs = '\n'.join(path.read_text(encoding='utf-8')
                     for path in folder.glob('gateway*.log'))
    if not personal or 'serving' not in logs:
        raise ValueError(f'nothing to search for or in, in {folder}')
    return [text for text in [*personal, *keys]
            if any(form in logs for form in forms(text))]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    found = leaks(sys.argv[1], sys.argv[2:])
    for text in found:
        print('in the logs:', text)
    sys.exit(1 if found else 0)


if __name__ == '__main__':
    main()
