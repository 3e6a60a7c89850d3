#!/usr/bin/env python3
"""Makes docs/faults.md of faults.yaml and of what the tests in it came to.

    table.py --build DIR    runs every test that is named, and writes the page
    table.py --check        whether every test exists and the page is as the
                            last run left it, but for faults that changed since
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

import yaml

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PAGE = SOURCE / 'docs/faults.md'
PROMISES = {
    'paid': 'never pay twice', 'kept': 'never lose a paid result',
    'honest': 'never lie about an outcome',
    'clear': 'never make the client guess'}
HEAD = '''# Faults

What can go wrong, what comes of it, and the tests that show it. Made by
`tests/fault/table.py` of `tests/fault/faults.yaml`, with what the tests came to.
'''


def load():
    with open(SOURCE / 'tests/fault/faults.yaml', encoding='utf-8') as file:
        return yaml.safe_load(file)


def named_tests(groups):
    return sorted({test for group in groups for fault in group['faults']
                   for test in fault.get('tests', [])})


def pattern(test):
    """ctest puts the program in front; parametrised tests have a name more in
    front, and one behind."""
    return r'(^|[./])' + re.escape(test) + r'(/|$)'


def run_tests(build, tests):
    """Whether all cases of each test passed; None for one without cases."""
    # More than are meant, as ctest takes few parentheses: told apart below.
    regex = '|'.join(map(re.escape, tests))
    with tempfile.NamedTemporaryFile(suffix='.xml') as report:
        subprocess.run(['ctest', '--test-dir', build, '-R', regex, '-j2',
                        '--output-junit', report.name],
                       check=False, stdout=subprocess.DEVNULL)
        cases = [(case.get('name'), case.get('status') == 'run')
                 for case in xml.parse(report.name).getroot().iter('testcase')]
    results = {}
    for test in tests:
        ended = [passed for name, passed in cases
                 if re.search(pattern(test), name)]
        results[test] = all(ended) if ended else None
    return results


def rows(groups, results):
    for group in groups:
        yield f'\n## {group["group"]}\n'
        yield '| Fault | What comes of it | Promise | Tests | |'
        yield '| --- | --- | --- | --- | --- |'
        for fault in group['faults']:
            tests = fault.get('tests', [])
            shown = ', '.join(f'`{test}`' for test in tests)
            word = 'passed' if tests else 'not run here'
            if any(results.get(test) is False for test in tests):
                word = '**failed**'
            yield (f'| {fault["fault"]} | {fault["expected"]} '
                   f'| {PROMISES[fault["promise"]]} '
                   f'| {shown or fault["elsewhere"]} | {word} |')


def page(groups, results):
    return HEAD + '\n'.join(rows(groups, results)) + '\n'


def exists(test, sources):
    suite, _, name = test.partition('.')
    if suite in ('fault', 'fuzz', 'bench', 'sim'):
        return name in sources
    return re.search(rf'\(\s*{suite},\s*{name}\s*\)', sources) is not None


def check(groups):
    sources = '\n'.join(
        path.read_text(encoding='utf-8') for path in (SOURCE / 'tests').rglob('*')
        if path.suffix in ('.cc', '.h') or path.name == 'CMakeLists.txt')
    problems = [f'{test} does not exist' for test in named_tests(groups)
                if not exists(test, sources)]
    if not PAGE.exists() or PAGE.read_text(encoding='utf-8') != page(groups, {}):
        problems.append('docs/faults.md is not what tests/fault/table.py writes')
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build')
    parser.add_argument('--check', action='store_true')
    arguments = parser.parse_args()
    groups = load()
    if arguments.check:
        problems = check(groups)
        print('\n'.join(problems))
        sys.exit(1 if problems else 0)
    if not arguments.build:
        parser.error('--build or --check')
    results = run_tests(arguments.build, named_tests(groups))
    missing = [test for test, passed in results.items() if passed is None]
    if missing:
        sys.exit('no such test in this build: ' + ', '.join(missing))
    PAGE.write_text(page(groups, results), encoding='utf-8')
    failed = [test for test, passed in results.items() if not passed]
    print(f'{len(results) - len(failed)} of {len(results)} tests passed')
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
