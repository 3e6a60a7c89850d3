"""A gateway and the simulator in one folder, with a load on them."""

import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'fault'))

from trial import free_ports  # noqa: E402

CONFIG = '''
server:
  grpc_listen: 127.0.0.1:{grpc}
  webhook_listen: 127.0.0.1:{webhook}
  admin_listen: 127.0.0.1:{admin}
  public_url: http://127.0.0.1:{webhook}
store: {{path: {store}, retention: 1h, webhook_retention: 10m}}
cache: {{found_for: 10m, not_found_for: 10m}}
limits: {{max_streams_per_tenant: 50000}}
waterfalls: {{work_email: [enrow], phone: [enrow]}}
engine: {{balance_interval: 0s, park_unknown_after: 10s}}
egress: {{allow_plain_http: true, allow_private_addresses: true}}
providers:
  - name: enrow
    adapter: enrow
    base_url: {simulator}/enrow
    api_key: env:ENROW_KEY
    poll_first_after: 2s
    poll_interval: 2s
'''
# FullEnrich starts so little for one account that there are several.
FULLENRICH = '''
  - name: fullenrich-{index}
    adapter: fullenrich
    base_url: {simulator}/fullenrich
    api_key: env:FULLENRICH_KEY_{index}
    max_running_contacts: 1000
    poll_first_after: 5s
    poll_interval: 5s
'''
FULLENRICH_ACCOUNTS = 4
KEYS = {'ENROW_KEY': 'enrow-key',
        **{f'FULLENRICH_KEY_{i}': f'fullenrich-key-{i}'
           for i in range(FULLENRICH_ACCOUNTS)}}
# What retention is about, and how far back it is put to be too old.
TIMES = {'batches': ('create_time_us', 'finish_time_us'),
         'chunks': ('create_time_us',),
         'inbox': ('receive_time_us', 'state_time_us'),
         'answer_blocks': ('ask_time_us', 'answer_time_us')}
TWO_HOURS_US = 2 * 3600 * 1000 * 1000


class Failed(Exception):
    """What is wrong with a run."""


def require(right, text):
    if not right:
        raise Failed(text)


class Stage:
    """Ends its processes when left."""

    def __init__(self, build, folder):
        self.binaries = pathlib.Path(build)
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.store = self.folder / 'gateway.db'
        # Those that run, by name; samples look at them.
        self.processes = {}
        self.starts = 0
        self.ports = dict(zip(('grpc', 'webhook', 'admin'), free_ports(3)))

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for name in list(self.processes):
            self.stop(name)

    # ---- Processes ----------------------------------------------------------

    def spawn(self, name, arguments, output=None):
        with open(self.folder / f'{name}.log', 'ab') as log:
            process = subprocess.Popen(
                [str(argument) for argument in arguments], stdout=output or log,
                stderr=log, env={**os.environ, **KEYS})
        self.processes[name] = process
        return process

    def stop(self, name):
        process = self.processes.pop(name)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def log_of(self, name):
        path = self.folder / f'{name}.log'
        return path.read_text(encoding='utf-8') if path.exists() else ''

    def wait_for(self, name, text, count=1, seconds=120):
        """Until the log of a process has `text` so many times."""
        end = time.monotonic() + seconds
        while self.log_of(name).count(text) < count:
            if self.processes[name].poll() is not None or time.monotonic() > end:
                raise Failed(f'{name}: no "{text}": {self.log_of(name)[-2000:]}')
            time.sleep(0.02)

    # ---- What runs ----------------------------------------------------------

    def start_simulator(self, *more):
        keys = [f'--fullenrich-key={key}' for name, key in KEYS.items()
                if name.startswith('FULLENRICH')]
        self.spawn('simulator', [
            self.binaries / 'src/enrich-simulator', '--listen', '127.0.0.1:0',
            '--latency', '200ms', '--time-scale', 60, '--results-ttl', '5h',
            '--enrow-key', KEYS['ENROW_KEY'], *keys, '--enrow-rate', 0,
            '--fullenrich-rate', 0, '--fullenrich-concurrency', 0,
            '--balance', 1000000000, *more])
        self.wait_for('simulator', 'listening on ')
        self.simulator = self.log_of('simulator').split('listening on ')[1].split()[0]
        text = CONFIG + ''.join(
            FULLENRICH.format(index=i, simulator='{simulator}')
            for i in range(FULLENRICH_ACCOUNTS))
        (self.folder / 'gateway.yaml').write_text(text.format(
            store=self.store, simulator=self.simulator, **self.ports), encoding='utf-8')

    def start_gateway(self):
        """On the store of the one before. Returns the seconds until it serves."""
        begin = time.monotonic()
        self.spawn('gateway', [self.binaries / 'src/enrich-gateway', '--config',
                               self.folder / 'gateway.yaml'])
        self.starts += 1
        self.wait_for('gateway', '"serving"', self.starts)
        return time.monotonic() - begin

    def client(self, arguments, output):
        """Runs a client to its end; (exit code, seconds)."""
        begin = time.monotonic()
        with open(output, 'wb') as out:
            process = self.spawn('client', arguments, out)
            while process.poll() is None:
                require(self.processes['gateway'].poll() is None,
                        f'the gateway ended: {self.log_of("gateway")[-2000:]}')
                time.sleep(0.02)
        del self.processes['client']
        return process.returncode, time.monotonic() - begin

    def scale(self, *arguments):
        """Runs enrich_scale; what it reports."""
        output = self.folder / 'report.json'
        code, _ = self.client([self.binaries / 'tests/scale/enrich_scale', '--port',
                               self.ports['grpc'], *arguments], output)
        require(code == 0, self.log_of('client')[-2000:])
        return json.loads(output.read_text())

    def simulator_totals(self):
        with urllib.request.urlopen(f'{self.simulator}/_sim/stats', timeout=30) as answer:
            return json.load(answer)

    def metrics_url(self):
        return f'http://127.0.0.1:{self.ports["admin"]}/metrics'

    # ---- The store ----------------------------------------------------------

    def store_bytes(self):
        """With what the write-ahead log holds. The gateway must not run."""
        return self.store.stat().st_size

    def age_store(self):
        """Makes all it holds two hours older. The gateway must not run."""
        with sqlite3.connect(self.store) as db:
            for table, columns in TIMES.items():
                changes = ', '.join(f'{c} = {c} - {TWO_HOURS_US}' for c in columns)
                db.execute(f'UPDATE {table} SET {changes}')
        db.close()

    def batches(self):
        """How many it holds."""
        with sqlite3.connect(f'file:{self.store}?mode=ro', uri=True, timeout=30) as db:
            count = db.execute('SELECT count(*) FROM batches').fetchone()[0]
        db.close()
        return count

    def wait_for_batches(self, count, seconds):
        """Until retention has left no more than so many."""
        end = time.monotonic() + seconds
        while self.batches() > count:
            require(time.monotonic() < end,
                    f'{self.batches()} batches are left rather than {count}')
            time.sleep(0.2)
