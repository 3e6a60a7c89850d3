"""The lint stage: what is checked, in which order, and how it is reported."""

import os
import subprocess
import time

from lint import layering, text_rules, tools

# Each takes the root and the files to look at, and returns its findings.
# Slow ones are given only the changed files in a quick run.
CHECKS = [
    ('the checks themselves', tools.check_lint),
    ('layering', layering.check),
    ('include guards', text_rules.check_guards),
    ('words', text_rules.check_words),
    ('clang-format', tools.check_format),
    ('shell', tools.check_shell),
    ('python', tools.check_python),
    ('protos', tools.check_protos),
    ('faults', tools.check_faults),
]
SLOW_CHECKS = [
    ('image and chart', tools.check_delivery),
    ('clang and clang-tidy', tools.check_clang),
]
NOT_OURS = {'.git', '.cache', 'build', 'node_modules', '__pycache__'}


def all_files(root):
    """Paths, from the root, of every file of the project."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in NOT_OURS)
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(found)


def changed_files(root, files):
    """Those of `files` that differ from the main branch, or from HEAD on it."""
    def git(*arguments):
        done = subprocess.run(['git', *arguments], cwd=root, text=True, check=False,
                              capture_output=True)
        return done.stdout.split('\n') if done.returncode == 0 else []

    base = (git('merge-base', 'HEAD', 'origin/main') or ['HEAD'])[0]
    changed = set(git('diff', '--name-only', base))
    changed.update(git('ls-files', '--others', '--exclude-standard'))
    return [file for file in files if file in changed]


def run(root, quick):
    """Runs all checks and prints a line for each; (passed, failed, skipped)."""
    files = all_files(root)
    slow = changed_files(root, files) if quick else files
    work = [(name, check, files) for name, check in CHECKS]
    work += [(name, check, slow) for name, check in SLOW_CHECKS if slow]
    counts = {'ok': 0, 'FAILED': 0, 'skipped': 0}
    for name, check, given in work:
        start = time.monotonic()
        detail, findings = '', []
        try:
            findings = check(root, given)
            verdict = 'FAILED' if findings else 'ok'
        except tools.Skip as why:
            verdict, detail = 'skipped', f': {why}'
        counts[verdict] += 1
        print(*findings, sep='\n', end='\n' if findings else '')
        print(f'lint: {name} {verdict} ({time.monotonic() - start:.1f} s){detail}',
              flush=True)
    return counts['ok'], counts['FAILED'], counts['skipped']
