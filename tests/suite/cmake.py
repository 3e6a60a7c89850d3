"""Configures, builds and tests one CMake preset."""

import json
import os
import re
import subprocess
import time
import xml.etree.ElementTree as xml

JOBS = '2'
# How many files a coverage report names.
LEAST_COVERED = 15
# A sanitizer's report ends the test, which is then counted as failed.
SANITIZERS = {
    'ASAN_OPTIONS': 'detect_stack_use_after_return=1:strict_string_checks=1',
    'UBSAN_OPTIONS': 'print_stacktrace=1',
    # die_after_fork: the crash tests fork writers that they kill.
    'TSAN_OPTIONS': 'halt_on_error=1:second_deadlock_stack=1:die_after_fork=0',
}
# What ctest says of tests that go well.
PASSED = re.compile(
    r'^ *(?:\d+/\d+ Test .* Passed .*|Start +\d+: .*|Internal ctest .*'
    r'|Test project .*)\n', re.M)


class Broken(Exception):
    """The preset does not build, or ran no test."""


class Build:
    def __init__(self, root, preset, targets=('all',)):
        self.root = root
        self.preset = preset
        self.targets = targets
        self.folder = root / 'build' / preset

    def run(self, labels=(), tests=()):
        """Builds and runs the tests; (passed, failed).

        `labels`: only tests with one of them. `tests`: only these binaries.
        """
        start = time.monotonic()
        self._tool('cmake', '--preset', self.preset)
        self._tool('cmake', '--build', str(self.folder), '--parallel', JOBS,
                   '--target', *self.targets)
        print(f'{self.preset}: built in {time.monotonic() - start:.0f} s', flush=True)
        self._forget_coverage()
        return self._ctest(labels, tests)

    def print_coverage(self):
        """Lines of src/ that the tests ran, generated code left out."""
        # With one worker, as gcovr's others wait for ever when one fails. What
        # it cannot read are branch counts, which are not reported.
        summary = self.folder / 'coverage.json'
        details = self.folder / 'coverage.txt'
        self._tool('gcovr', '--root', '.', '--filter', 'src/',
                   '--exclude', 'build/', '--gcov-ignore-parse-errors',
                   '--json-summary', str(summary), '--txt', str(details),
                   '--object-directory', str(self.folder),
                   str(self.folder / 'src'))
        report = json.loads(summary.read_text())
        print(f'coverage: {report["line_percent"]} % of the lines of src/ '
              f'({report["line_covered"]} of {report["line_total"]}); '
              f'line by line in {details.relative_to(self.root)}; the least:')
        files = [file for file in report['files'] if file['line_total']]
        files.sort(key=lambda file: file['line_percent'])
        for file in files[:LEAST_COVERED]:
            print(f'{file["line_percent"]:6.1f} %  {file["filename"]}')

    def _forget_coverage(self):
        """Counts of earlier runs, which would add up."""
        for file in self.folder.rglob('*.gcda'):
            file.unlink()

    def _ctest(self, labels, tests):
        report = self.folder / 'ctest.xml'
        report.unlink(missing_ok=True)
        command = ['ctest', '--test-dir', str(self.folder), f'-j{JOBS}',
                   '--output-on-failure', '--no-tests=error', '--quiet',
                   '--output-log', str(self.folder / 'ctest.log'),
                   '--output-junit', str(report)]
        if labels:
            command += ['--label-regex', f'^({"|".join(labels)})$']
        if tests:
            command += ['--tests-regex', rf'^({"|".join(tests)})\.']
        subprocess.run(command, cwd=self.root, check=False,
                       env={**os.environ, **SANITIZERS})
        self._print_log()
        if not report.exists():
            raise Broken(f'{self.preset}: ctest ran no test')
        suite = xml.parse(report).getroot()
        run, failed = (int(suite.get(name)) for name in ('tests', 'failures'))
        left_out = int(suite.get('skipped')) + int(suite.get('disabled'))
        return run - failed - left_out, failed

    def _print_log(self):
        """Failures in full, and ctest's closing lines."""
        log = (self.folder / 'ctest.log').read_text(errors='replace')
        closing = re.search(r'^\d+% tests passed', log, re.M)
        end = closing.start() if closing else len(log)
        if '100% tests passed' not in log:
            print(PASSED.sub('', log[:end]).strip())
        print(log[end:].strip(), flush=True)

    def _tool(self, *command):
        """Runs `command`, quietly when all is well; returns its output."""
        done = subprocess.run(command, cwd=self.root, text=True, check=False,
                              errors='replace', stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != 0:
            last = '\n'.join(done.stdout.splitlines()[-150:])
            raise Broken(f'{last}\n{self.preset}: {command[0]} failed')
        return done.stdout
