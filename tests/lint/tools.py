"""Checks that run a tool: formatters, linters, compilers."""

import os
import pathlib
import py_compile
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

BUF_PACKAGE = '@bufbuild/buf@1.75.0'
CPP_FOLDERS = ('src/', 'tests/')


class Skip(Exception):
    """The check cannot run here; says why."""


def run(root, *command):
    """Runs `command`; returns its output, one finding a line, if it failed."""
    done = subprocess.run(command, cwd=root, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode == 0:
        return []
    return done.stdout.splitlines() or [f'{command[0]}: exit {done.returncode}']


def check_format(root, files):
    sources = [f for f in files
               if f.startswith(CPP_FOLDERS) and f.endswith(('.cc', '.h'))]
    return run(root, 'clang-format-14', '--dry-run', '-Werror', *sources)


def check_shell(root, files):
    scripts = [f for f in files if is_shell(root / f)]
    findings = []
    for script in scripts:
        findings += run(root, 'bash', '-n', script)
    return findings + run(root, 'shellcheck', '--severity=warning', '--format=gcc', *scripts)


def is_shell(path):
    if path.suffix:
        return path.suffix == '.sh'
    with path.open('rb') as file:
        return file.readline().startswith((b'#!/usr/bin/env bash', b'#!/bin/'))


def check_python(root, files):
    findings = []
    with tempfile.TemporaryDirectory() as folder:
        for path in files:
            if path.endswith('.py'):
                try:
                    py_compile.compile(str(root / path), f'{folder}/out', doraise=True)
                except py_compile.PyCompileError as error:
                    findings.append(str(error))
    return findings


def check_lint(root, _files):
    """The checks' own tests."""
    return run(root, 'python3', '-B', '-m', 'unittest', 'discover', '-q',
               '-s', 'tests/lint', '-t', 'tests', '-p', '*_test.py')


def check_protos(root, _files):
    return run(root, buf(root), 'lint', 'proto')


def buf(root):
    """The path of Buf, which Debian lacks; installs it once per checkout."""
    version = BUF_PACKAGE.rpartition('@')[2]
    folder = root / '.cache' / f'buf-{version}'
    binary = folder / 'node_modules/.bin/buf'
    if not binary.exists():
        if not shutil.which('npm'):
            raise Skip('npm is not installed, and Buf comes from there')
        errors = run(root, 'npm', 'install', '--no-fund', '--no-audit',
                     '--no-save', '--prefix', str(folder), BUF_PACKAGE)
        if errors or not binary.exists():
            raise Skip('npm cannot install Buf: ' + ' '.join(errors[-2:]))
    return str(binary)


def check_delivery(root, _files):
    """The image's and the chart's own tests; 77 means that a tool is absent."""
    folder = root / 'tests/delivery'
    scripts = sorted(folder.glob('*_test.sh'))
    scripts += [p for p in sorted(folder.glob('*_test.py'))
                if not p.with_suffix('.sh').exists()]
    findings, skipped = [], []
    for script in scripts:
        shell = 'bash' if script.suffix == '.sh' else 'python3'
        done = subprocess.run([shell, str(script)], cwd=root, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode == 77:
            skipped += done.stdout.splitlines()[-1:]
        elif done.returncode != 0:
            findings += done.stdout.splitlines()
    if skipped and not findings:
        raise Skip('; '.join(skipped))
    return findings


def check_faults(root, files):
    """That docs/faults.md is made of faults.yaml, and names tests there are."""
    del files
    return run(root, 'tests/fault/table.py', '--check')


def check_clang(root, files):
    """clang's warnings, -Wthread-safety among them, and .clang-tidy's checks."""
    build = prepare_clang(root)
    if isinstance(build, list):
        return build
    sources = [f for f in files if f.startswith('src/') and f.endswith('.cc')]
    # The largest first, so that no core waits for a late long one.
    sources.sort(key=lambda f: -(root / f).stat().st_size)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = pool.map(lambda f: tidy(root, build, f), sources)
        return [finding for findings in results for finding in findings]


def tidy(root, build, source):
    output = run(root, 'clang-tidy-14', '-p', str(build), '--quiet', source)
    return [line for line in output if ' warnings generated' not in line]


def prepare_clang(root):
    """Configures the clang preset and generates sources; compiles nothing."""
    build = pathlib.Path(root, 'build/clang')
    errors = run(root, 'cmake', '--preset', 'clang')
    if errors:
        return errors
    targets = subprocess.run(
        ['ninja', '-C', str(build), '-t', 'targets', 'all'], text=True,
        check=True, stdout=subprocess.PIPE).stdout.splitlines()
    made = [line.partition(':')[0] for line in targets
            if line.endswith(': CUSTOM_COMMAND') and not line.startswith('/')]
    made = [path for path in made if path.endswith(('.pb.h', '_schema.cc'))]
    return run(root, 'ninja', '-C', str(build), *made) or build
