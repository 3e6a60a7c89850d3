"""Rules on the text of files: include guards and words nobody commits."""

import re

SOURCES = ('.cc', '.h', '.py', '.sh', '.proto', '.cmake', '.sql', '.yaml', '.md')
# Spelled so that the rule does not find itself.
UNFINISHED = re.compile(r'\b(?:TO' r'DO|FIX' r'ME|X' r'XX)\b')
HOME_PATH = re.compile(r'(?<![\w.$~/])/(?:home|root|work|Users)/[\w.-]+')


def guard(path):
    """The include guard of a header, by its path from the root."""
    inner = path.removeprefix('src/')
    return f'ENRICH_{re.sub("[^A-Za-z0-9]", "_", inner).upper()}_'


def check_guards(root, files):
    findings = []
    for path in files:
        if not path.endswith('.h') or not path.startswith(('src/', 'tests/')):
            continue
        name = guard(path)
        text = (root / path).read_text()
        opening = f'#ifndef {name}\n#define {name}\n'
        if opening not in text or not text.endswith(f'#endif  // {name}\n'):
            findings.append(f'{path}: its include guard is not {name}')
    return findings


def check_words(root, files):
    findings = []
    for path in files:
        if not path.endswith(SOURCES) or path.startswith('proto/third_party/'):
            continue
        for number, line in enumerate((root / path).read_text().splitlines(), 1):
            if UNFINISHED.search(line):
                findings.append(f'{path}:{number}: unfinished work: {line.strip()}')
            if HOME_PATH.search(line):
                findings.append(f'{path}:{number}: a path of one machine: {line.strip()}')
    return findings
