#!/usr/bin/env python3
"""Every failpoint of base/failpoint.h, with a crash, an error and a delay.

    failpoints.py [--build DIR] [PLACE=ACTION...]

Each trial runs a gateway that fails once at one place while a client submits
and watches; trial.py says what must hold in the end.
"""

import argparse
import concurrent.futures
import pathlib
import re
import sys

from trial import Failed, Trial

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ACTIONS = ('crash', 'error', 'delay')
# Which time it happens. Not the first: something is to be at stake.
NTH = 4
# A start reads this often by itself, and more.
NTH_AT = {'store.before_read': 15}
SECONDS = 1.5
# Trials sleep more than they work.
AT_ONCE = 4

KILLED = -9
# What a gateway ends with that must not go on.
FATAL = 70


def places():
    """All that the sources name."""
    found = set()
    for path in (SOURCE / 'src').rglob('*.cc'):
        found.update(re.findall(r'ENRICH_FAILPOINT\(\s*"([^"]+)"\)',
                                path.read_text(encoding='utf-8')))
    return sorted(found)


def expected_exits(place, action):
    """How gateways end before the client is done."""
    if action == 'crash':
        return [KILLED]
    # A COMMIT whose outcome is not known.
    if (place, action) == ('store.after_commit', 'error'):
        return [FATAL]
    return []


def run(build, place, action):
    try:
        with Trial(build, seed=NTH) as trial:
            trial.start_gateway(
                env={'ENRICH_FAILPOINTS':
                     f'{place}={action}@{NTH_AT.get(place, NTH)}'})
            def reached():
                return f'"place":"{place}"' in trial.gateway_logs()

            trial.run(SECONDS, reached)
            if not reached():
                raise Failed('the place was never reached')
            if trial.exits != expected_exits(place, action):
                raise Failed(f'gateways ended with {trial.exits}')
    except Failed as failure:
        return f'{place}={action}: {failure} (see {trial.folder})'
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default=SOURCE / 'build/dev')
    parser.add_argument('trials', nargs='*', metavar='PLACE=ACTION')
    arguments = parser.parse_args()
    trials = [tuple(trial.split('=')) for trial in arguments.trials]
    trials = trials or [(place, action) for place in places()
                        for action in ACTIONS]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        failures = [failure for failure in pool.map(
            lambda trial: run(arguments.build, *trial), trials) if failure]
    for failure in failures:
        print('FAILED', failure)
    print(f'{len(trials) - len(failures)} of {len(trials)} trials passed')
    sys.exit(1 if failures else 0)


if __name__ == '__main__':
    main()
