#!/usr/bin/env python3
"""Holds our expressions to JMESPath's compliance suite.

    suite.py DRIVER FOLDER

The suite is not ours: it comes with a release of the JavaScript
implementation, which npm puts into FOLDER once.
"""

import json
import pathlib
import subprocess
import sys

PACKAGE = 'jmespath@0.15.0'
# What a compiler can see must be refused by it; other errors may be null.
STATIC_ERRORS = {'syntax', 'unknown-function', 'invalid-arity'}


def fetch(folder):
    """The files of the suite."""
    home = folder / 'node_modules/jmespath/test/compliance'
    if not home.is_dir():
        command = ['npm', 'install', '--no-fund', '--no-audit', '--no-save',
                   '--prefix', str(folder), PACKAGE]
        try:
            subprocess.run(command, check=True, text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except (OSError, subprocess.CalledProcessError) as error:
            output = getattr(error, 'output', None) or ''
            sys.exit(f'npm cannot fetch {PACKAGE}, which has the suite: {error}\n{output}')
    files = sorted(home.glob('*.json'))
    if not files:
        sys.exit(f'{PACKAGE} has no suite in {home}')
    return files


def same(left, right):
    """Whether two values are the same JSON; to Python, True is 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(v, right[k]) for k, v in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def judge(case, outcome):
    """'passed', 'null' for an error that is null here, or why the case failed."""
    refused = outcome.get('refused')
    if 'error' not in case:
        if refused is not None:
            return f'refused: {refused}'
        fits = same(case['result'], outcome['result'])
        return 'passed' if fits else f'{outcome["result"]!r}, not {case["result"]!r}'
    if refused is not None:
        return 'passed'
    if case['error'] in STATIC_ERRORS:
        return f'not refused for {case["error"]}'
    return 'null' if outcome['result'] is None else f'{outcome["result"]!r}, not null'


def main(driver, folder):
    counts = {'passed': 0, 'null': 0}
    failed = 0
    for file in fetch(pathlib.Path(folder)):
        cases = [case for group in json.loads(file.read_text(encoding='utf-8'))
                 for case in group['cases']]
        done = subprocess.run([driver, str(file)], check=True, stdout=subprocess.PIPE)
        outcomes = json.loads(done.stdout)
        if len(outcomes) != len(cases):
            sys.exit(f'{file.name}: {len(cases)} cases, {len(outcomes)} outcomes')
        for case, outcome in zip(cases, outcomes):
            verdict = judge(case, outcome)
            if verdict in counts:
                counts[verdict] += 1
            else:
                failed += 1
                print(f'{file.name}: {case["expression"]!r}: {verdict}')
    print(f'{counts["passed"]} passed, {counts["null"]} by totality null, {failed} failed')
    return 1 if failed or not counts['passed'] else 0


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit('usage: suite.py DRIVER FOLDER')
    sys.exit(main(*sys.argv[1:]))
