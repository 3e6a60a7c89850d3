"""Looks at processes and files, again and again, while something else runs."""

import pathlib
import threading
import time
import urllib.error
import urllib.request

MB = 1e6


def resident_bytes(pid):
    """None when the process is over."""
    try:
        for line in pathlib.Path(f'/proc/{pid}/status').read_text().splitlines():
            if line.startswith('VmRSS:'):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return None


def open_files(pid):
    try:
        return len(list(pathlib.Path(f'/proc/{pid}/fd').iterdir()))
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None


def size_of(path):
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def metric(text, name):
    for line in text.splitlines():
        if line.startswith(f'{name} '):
            return float(line.split()[1])
    return None


class Samples:
    """Rows of what was seen, one for each `interval`, on a thread of its own.

    `processes` are by name; who is replaced there is looked at from then on.
    """

    def __init__(self, processes, store, metrics_url, interval):
        self.processes = processes
        self.store = store
        self.metrics_url = metrics_url
        self.interval = interval
        self.rows = []
        self.marks = []
        self.start = time.monotonic()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def mark(self, text):
        """Names this moment in the picture."""
        self.marks.append((self.seconds(), text))

    def seconds(self):
        return time.monotonic() - self.start

    def stop(self):
        self.over.set()
        self.thread.join()

    def of(self, name, since=0.0, until=float('inf')):
        """The values of a column, without those that could not be had."""
        return [row[name] for row in self.rows
                if row.get(name) is not None and since <= row['seconds'] <= until]

    def _run(self):
        while not self.over.wait(self.interval):
            self.rows.append(self._look())

    def _look(self):
        row = {'seconds': round(self.seconds(), 2)}
        for name, process in list(self.processes.items()):
            resident = resident_bytes(process.pid)
            row[f'{name}_mb'] = None if resident is None else round(resident / MB, 2)
        if 'gateway' in self.processes:
            row['files'] = open_files(self.processes['gateway'].pid)
        row['store_mb'] = round(size_of(self.store) / MB, 2)
        row['log_mb'] = round(size_of(self.store.with_name(self.store.name + '-wal')) / MB, 2)
        row['open_contacts'] = self._open_contacts()
        return row

    def _open_contacts(self):
        """None while the gateway is not there, or busy."""
        try:
            with urllib.request.urlopen(self.metrics_url, timeout=2) as answer:
                return metric(answer.read().decode(), 'enrichment_contacts_open')
        except (urllib.error.URLError, OSError):
            return None


def thirds(values):
    """The means of the first and of the last third; zeros without values."""
    count = max(1, len(values) // 3)
    if not values:
        return 0.0, 0.0
    return sum(values[:count]) / count, sum(values[-count:]) / count
