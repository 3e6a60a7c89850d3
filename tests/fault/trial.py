"""A gateway, the simulator and the client of kill_loop.sh in one folder.

The client (kill_loop_driver) keeps its own books and holds the gateway and the
simulator's ledger to them in the end: nothing lost, nothing paid twice, every
stream whole. The logs are searched for names and keys (leaks.py). A trial says
what happens to the gateway meanwhile.
"""

import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from leaks import leaks

SIMULATOR_FAULTS = '''[
  {"endpoint":"submit","action":"reset","when":"after","probability":0.02},
  {"endpoint":"webhook","action":"lost","probability":0.03},
  {"endpoint":"webhook","action":"duplicate","probability":0.05}]'''

CONFIG = '''
server:
  grpc_listen: 127.0.0.1:{grpc_port}
  webhook_listen: 127.0.0.1:{webhook_port}
  admin_listen: 127.0.0.1:0
  public_url: http://127.0.0.1:{webhook_port}
store: {{path: {folder}/gateway.db}}
providers:
  - name: enrow
    adapter: enrow
    base_url: {simulator}/enrow
    api_key: env:ENROW_KEY
    poll_first_after: 1s
    poll_interval: 1s
  - name: fullenrich
    adapter: fullenrich
    base_url: {simulator}/fullenrich
    api_key: env:FULLENRICH_KEY
    poll_first_after: 1s
    poll_interval: 2s
waterfalls:
  work_email: [enrow, fullenrich]
  phone: [fullenrich, enrow]
engine: {{linger: 20ms, park_unknown_after: 3s, balance_interval: 0s}}
egress: {{allow_plain_http: true, allow_private_addresses: true}}
log_level: debug
'''

KEYS = {'ENROW_KEY': 'enrow-key', 'FULLENRICH_KEY': 'fullenrich-key'}
# Ports of all trials of this process.
TAKEN = set()
TAKEN_LOCK = threading.Lock()
# Of a client that waits for every batch to end.
LONGEST_END = 180
# Seconds that submitting may take longer than it is meant to.
LONGEST_WHILE = 60


class Failed(Exception):
    """What is wrong with a trial."""


def free_ports(count):
    """None that a connection is given while the gateway is down."""
    ports = []
    while len(ports) < count:
        port = random.randrange(20000, 32000)
        with socket.socket() as one:
            try:
                one.bind(('127.0.0.1', port))
            except OSError:
                continue
        with TAKEN_LOCK:
            if port not in TAKEN:
                TAKEN.add(port)
                ports.append(port)
    return ports


class Trial:
    """Ends its processes when left; keeps the folder of one that failed."""

    def __init__(self, build, seed):
        self.build = pathlib.Path(build)
        self.seed = seed
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='enrich-trial-'))
        self.processes = []
        self.gateway = None
        # How gateways ended, in order.
        self.exits = []

    def __enter__(self):
        self.simulator = self.start_simulator()
        self.grpc_port, webhook_port = free_ports(2)
        (self.folder / 'gateway.yaml').write_text(CONFIG.format(
            grpc_port=self.grpc_port, webhook_port=webhook_port,
            folder=self.folder, simulator=self.simulator), encoding='utf-8')
        return self

    def __exit__(self, kind, error, trace):
        for process in self.processes:
            if process.poll() is None:
                kill_group(process)
                process.wait()
        if kind is None:
            shutil.rmtree(self.folder)
        return False

    def spawn(self, arguments, log, env=None):
        with open(self.folder / log, 'ab') as out:
            process = subprocess.Popen(
                [str(argument) for argument in arguments], stdout=out, stderr=out,
                env={**os.environ, **KEYS, **(env or {})}, start_new_session=True)
        self.processes.append(process)
        return process

    def text_of(self, log):
        path = self.folder / log
        return path.read_text(encoding='utf-8') if path.exists() else ''

    def wait_for(self, log, text, process, seconds=30):
        """Whether `text` came before the process ended."""
        for _ in range(seconds * 100):
            if text in self.text_of(log):
                return True
            if process.poll() is not None:
                return text in self.text_of(log)
            time.sleep(0.01)
        raise Failed(f'no "{text}" in {self.folder / log}')

    def start_simulator(self):
        simulator = self.spawn(
            [self.build / 'src/enrich-simulator', '--listen', '127.0.0.1:0',
             '--latency', '60ms', '--seed', self.seed, '--time-scale', 60,
             '--enrow-rate', 0, '--fullenrich-rate', 0,
             '--fullenrich-concurrency', 0, '--balance', 100000000,
             '--ledger-file', self.folder / 'ledger',
             '--faults', SIMULATOR_FAULTS], 'simulator.log')
        if not self.wait_for('simulator.log', 'listening on', simulator):
            raise Failed('the simulator does not start')
        for line in self.text_of('simulator.log').splitlines():
            if line.startswith('listening on '):
                return line.removeprefix('listening on ').strip()
        raise Failed('the simulator does not say where it is')

    def start_gateway(self, under=(), env=None):
        """On the database of the one before. `under`: a command that runs it."""
        log = f'gateway-{len(self.exits)}.log'
        self.gateway = self.spawn(
            [*under, self.build / 'src/enrich-gateway', '--config',
             self.folder / 'gateway.yaml'], log, env)
        if not self.wait_for(log, 'serving', self.gateway):
            raise Failed(f'the gateway does not start: {self.text_of(log)}')

    def gateway_logs(self):
        return ''.join(self.text_of(f'gateway-{i}.log')
                       for i in range(len(self.exits) + 1))

    def start_client(self):
        return self.spawn([self.build / 'tests/kill_loop_driver',
                           self.grpc_port, self.folder, self.seed], 'client.log')

    def restart_if_ended(self):
        if self.gateway.poll() is not None:
            self.exits.append(self.gateway.returncode)
            self.start_gateway()

    def acknowledged(self):
        """Whether the client has any answer."""
        acks = self.folder / 'acks'
        return acks.exists() and acks.stat().st_size > 0

    def run(self, seconds, reached=lambda: True):
        """Submits for a while, then waits for every batch to end and checks. On a
        machine that is slow the while is longer: until something was acknowledged,
        and what the trial is about was `reached`."""
        client = self.start_client()
        submit_until = time.monotonic() + seconds
        patience = submit_until + LONGEST_WHILE
        end = patience + LONGEST_END
        while client.poll() is None:
            now = time.monotonic()
            if now >= end:
                raise Failed('the client does not come to an end')
            if now >= patience or (now >= submit_until and self.acknowledged()
                                   and reached()):
                (self.folder / 'stop').touch()
            self.restart_if_ended()
            time.sleep(0.02)
        if client.returncode != 0:
            raise Failed(self.text_of('client.log'))
        if found := leaks(self.folder, KEYS.values()):
            raise Failed(f'in the logs: {found[:5]}')


def kill_group(process):
    """What runs under strace must not outlive it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
