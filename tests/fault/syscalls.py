#!/usr/bin/env python3
"""Errors of the disk and the network, injected with strace.

    syscalls.py [--build DIR] [NAME...]

As failpoints.py, but what fails is a system call of the gateway.
"""

import argparse
import pathlib
import re
import sys

from trial import Failed, Trial

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 2
FATAL = 70

# Name; what strace injects; how gateways may end before the client is done.
TRIALS = {
    # A sync that fails leaves the COMMIT in doubt: the process must not go on.
    'sync-eio': ('fdatasync:error=EIO:when=60', [[FATAL]]),
    # The disk is full for a while: what does not fit is refused or waits.
    'disk-full': ('pwrite64:error=ENOSPC:when=150..170', [[]]),
    # A read of the database fails. The kernel's error may look to the store like
    # a damaged file, with which it must not go on.
    'read-eio': ('pread64:error=EIO:when=40+20', [[], [FATAL]]),
    # Connections to providers die while a request leaves.
    'send-reset': ('sendto:error=ECONNRESET:when=10+25', [[]]),
}


def check_disk_full(trial):
    """Batches are refused while there is no room, and taken afterwards."""
    said = re.search(r'refused without a store: (\d+), accepted afterwards: (\d+)',
                     trial.text_of('client.log'))
    if not said or '0' in said.groups():
        raise Failed(f'the client saw no full disk: {said and said.group()}')


CHECKS = {'disk-full': check_disk_full}


def run(build, name):
    inject, exits = TRIALS[name]
    try:
        with Trial(build, seed=len(name)) as trial:
            call = inject.partition(':')[0]
            trial.start_gateway(
                under=['strace', '-f', '-qq', '-o', trial.folder / 'strace.log',
                       '-e', f'trace={call}', '-e', f'inject={inject}'])
            trial.run(SECONDS)
            if '(INJECTED)' not in trial.text_of('strace.log'):
                raise Failed('nothing was injected')
            if trial.exits not in exits:
                raise Failed(f'gateways ended with {trial.exits}')
            CHECKS.get(name, lambda _: None)(trial)
    except Failed as failure:
        return f'{name}: {failure} (see {trial.folder})'
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default=SOURCE / 'build/dev')
    parser.add_argument('names', nargs='*', metavar='NAME')
    arguments = parser.parse_args()
    names = arguments.names or list(TRIALS)
    failures = [failure for failure in
                (run(arguments.build, name) for name in names) if failure]
    for failure in failures:
        print('FAILED', failure)
    print(f'{len(names) - len(failures)} of {len(names)} trials passed')
    sys.exit(1 if failures else 0)


if __name__ == '__main__':
    main()
