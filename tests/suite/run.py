#!/usr/bin/env python3
"""Runs the stages that tests/run.sh describes; `run.py --help` has the rest.

Prints a line for each stage and ends with 'N passed, N failed'. Exits with 1
when anything failed.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests'))
sys.dont_write_bytecode = True

from lint import checks  # noqa: E402
from suite import cmake  # noqa: E402

STAGES = ('lint', 'dev', 'asan', 'tsan', 'fuzz')
LABELS = ('unit', 'store', 'http', 'grpc', 'sim', 'integration', 'fault')
QUICK_LABELS = ('unit', 'store', 'http', 'grpc')

# gRPC's own locks are not instrumented, so what links it is left out. What is
# here runs without suppressions: src/base/mutex.h is seen through.
TSAN_TARGETS = ('base_test', 'model_test', 'provider_test', 'adapters_test',
                'engine_test', 'engine_flow_test', 'store_test', 'http_test',
                'webhook_test')


def lint(options):
    return checks.run(ROOT, options.quick)


def dev(options):
    """With coverage: on an instrumented build, which saves one of its own."""
    build = cmake.Build(ROOT, 'coverage' if options.coverage else 'dev')
    passed, failed = build.run(labels=options.labels)
    if options.coverage:
        build.print_coverage()
    return passed, failed, 0


def asan(options):
    build = cmake.Build(ROOT, 'asan')
    passed, failed = build.run(labels=options.labels)
    return passed, failed, 0


def tsan(options):
    build = cmake.Build(ROOT, 'tsan', targets=TSAN_TARGETS)
    passed, failed = build.run(labels=options.labels, tests=TSAN_TARGETS)
    return passed, failed, 0


def fuzz(_options):
    build = cmake.Build(ROOT, 'fuzz', targets=('tests/fuzz/all',))
    passed, failed = build.run(labels=('fuzz',))
    return passed, failed, 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('stages', nargs='*', metavar='STAGE',
                        help=f'one of {", ".join(STAGES)}; all by default')
    parser.add_argument('--quick', action='store_true',
                        help='the inner loop: lint of changed files, dev build '
                        'without coverage, no sim, integration and fault tests')
    parser.add_argument('--label', action='append', dest='labels', default=[],
                        choices=LABELS, help='only the tests of this label')
    parser.add_argument('--coverage', action='store_true',
                        help='in a quick run too, and of the tests picked')
    options = parser.parse_args()
    unknown = set(options.stages) - set(STAGES)
    if unknown:
        parser.error(f'no such stage: {", ".join(sorted(unknown))}')
    if not options.quick and not options.labels:
        options.coverage = True
    if options.quick:
        options.labels = options.labels or list(QUICK_LABELS)
    options.stages = options.stages or (['lint', 'dev'] if options.quick else STAGES)
    return options


def run_stage(name, options):
    """Runs a stage; a stage that cannot run is one failure."""
    print(f'== {name}', flush=True)
    start = time.monotonic()
    try:
        passed, failed, skipped = globals()[name](options)
    except cmake.Broken as error:
        print(error)
        passed, failed, skipped = 0, 1, 0
    minutes, seconds = divmod(int(time.monotonic() - start), 60)
    verdict = 'FAILED' if failed else 'ok'
    more = f', {skipped} skipped' if skipped else ''
    line = (f'{name}: {verdict}, {passed} passed, {failed} failed{more}, '
            f'{minutes} min {seconds:02} s')
    print(line, flush=True)
    return line, passed, failed, skipped


def main():
    options = arguments()
    subprocess.run([ROOT / 'deploy/install-deps.sh', '--test'], check=True)
    os.environ.update(CCACHE_BASEDIR=str(ROOT), CCACHE_NOHASHDIR='1',
                      CCACHE_MAXSIZE='5G',
                      # It caches nothing that uses a precompiled header but
                      # when told that no macro nor the time matters to one,
                      # and reads it whole each time unless it may trust inodes.
                      CCACHE_SLOPPINESS='pch_defines,time_macros',
                      CCACHE_INODECACHE='1')
    results = [run_stage(stage, options) for stage in options.stages]
    print('== summary')
    for line, *_ in results:
        print(line)
    passed, failed, skipped = (sum(column) for column in list(zip(*results))[1:])
    more = f', {skipped} skipped' if skipped else ''
    print(f'{passed} passed, {failed} failed{more}')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
