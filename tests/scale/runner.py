#!/usr/bin/env python3
"""Runs the gateway at scale, and holds what it does to the rules.

    runner.py {csv|watchers|history|mixed} [SIZE] --build BUILD

Prints what was measured; BUILD/scale/ has it as JSON, each sample included, and
as a picture. Exits with 1 when something is wrong. run.sh builds before.
"""

import argparse
import json
import os
import pathlib
import platform
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import chart  # noqa: E402
import runs  # noqa: E402
from samples import Samples, thirds  # noqa: E402
from stage import Failed, Stage  # noqa: E402

# Of a full run: by how much the gateway may grow from the first third to the
# last, besides what grows with the run by design.
MOST_GROWTH_MB = 64


class Run:
    """What a run needs: its stage, its samples, and where it puts figures."""

    def __init__(self, stage, size, short):
        self.stage = stage
        self.size = size
        self.short = short
        self.figures = {}
        self.samples = Samples(stage.processes, stage.store, stage.metrics_url(),
                               0.1 if short else 1)

    def tell(self, name, value):
        self.figures[name] = round(value, 3) if isinstance(value, float) else value

    def tell_memory(self, since, until):
        """The growth of each process over a part of the run."""
        for name in ('gateway', 'simulator', 'client'):
            values = self.samples.of(f'{name}_mb', since, until)
            if not values:
                continue
            first, last = thirds(values)
            self.tell(f'{name}: resident MB, most', max(values))
            self.tell(f'{name}: resident MB, first third', first)
            self.tell(f'{name}: resident MB, last third', last)
            if name == 'gateway' and not self.short and last - first > MOST_GROWTH_MB:
                raise Failed(f'the gateway grew from {first:.0f} to {last:.0f} MB')
        files = self.samples.of('files', since, until)
        if files:
            self.tell('gateway: file descriptors, most', max(files))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('run', choices=runs.RUNS)
    parser.add_argument('size', nargs='?', type=int)
    parser.add_argument('--short', action='store_true',
                        help='next to no load, and nothing is left behind')
    parser.add_argument('--build', required=True, type=pathlib.Path)
    parser.add_argument('--keep', action='store_true', help='keep store and logs')
    options = parser.parse_args()
    sizes = runs.RUNS[options.run]
    options.size = options.size or (sizes.short if options.short else sizes.full)
    return options


def machine():
    return {'date': time.strftime('%Y-%m-%d %H:%M', time.gmtime()) + ' UTC',
            'processors': os.cpu_count(), 'system': platform.platform(),
            'load': os.getloadavg()[0]}


def report(options, run, error):
    """Prints the table and writes the files."""
    result = {'run': options.run, 'size': run.size, 'error': error,
              'machine': machine(), 'figures': run.figures,
              'samples': run.samples.rows}
    for name, value in run.figures.items():
        shown = f'{value:,}' if isinstance(value, (int, float)) else value
        print(f'{name:52} {shown:>16}')
    out = options.build / 'scale'
    if options.short:
        out = run.stage.folder
    out.mkdir(parents=True, exist_ok=True)
    (out / f'{options.run}.json').write_text(json.dumps(result, indent=1))
    (out / f'{options.run}.svg').write_text(
        chart.draw(f'{options.run}, {run.size:,}', run.samples))
    if not options.short:
        print(f'see {out / options.run}.json and .svg')


def main():
    options = arguments()
    # The store is beside the build rather than in /tmp, which may be in memory.
    if options.short:
        folder = pathlib.Path(tempfile.mkdtemp(prefix='enrich-scale-'))
    else:
        folder = options.build / 'scale' / f'{options.run}-data'
        shutil.rmtree(folder, ignore_errors=True)
    error = None
    with Stage(options.build, folder) as stage:
        run = Run(stage, options.size, options.short)
        try:
            runs.RUNS[options.run].function(run)
        except Failed as failed:
            error = str(failed)
        run.samples.stop()
        report(options, run, error)
    if error:
        print(f'FAILED: {error}; see {folder}', file=sys.stderr)
        return 1
    if not options.keep:
        shutil.rmtree(folder)
    print('ok')
    return 0


if __name__ == '__main__':
    sys.exit(main())
