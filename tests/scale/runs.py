"""The runs. Each loads a stage, checks what comes of it, and tells figures."""

import collections
import csv
import time

from stage import require

Kind = collections.namedtuple('Kind', 'function full short')

# The mixed load: contacts a second, and streams that see all of it.
MIXED_RATE = 300
MIXED_WATCHERS = 20
FAULTS = '''[
  {"endpoint":"submit","action":"http_503","probability":0.01},
  {"endpoint":"webhook","action":"lost","probability":0.02},
  {"endpoint":"webhook","action":"duplicate","probability":0.05}]'''


# ---- From CSV to CSV ----------------------------------------------------------

HEADER = ['Row', 'First Name', 'Last Name', 'Company', 'Company Domain']


def write_contacts(path, count):
    with open(path, 'w', newline='', encoding='utf-8') as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for i in range(count):
            out.writerow([i, 'Nadia', f'Lambert{i}', f'Company {i} Holding',
                          f'company-{i}.example'])


def read_results(path):
    """Checks that every row is there once and in order; counts by status."""
    counts = collections.Counter()
    with open(path, newline='', encoding='utf-8') as file:
        for i, row in enumerate(csv.DictReader(file)):
            require(row['Row'] == str(i), f'row {i} of the results is {row}')
            status = row['work_email_status']
            require(bool(row['work_email']) == (status == 'found'), f'row {i}: {row}')
            counts[status] += 1
    return counts


def run_csv(run):
    stage = run.stage
    contacts, results = stage.folder / 'contacts.csv', stage.folder / 'results.csv'
    write_contacts(contacts, run.size)
    stage.start_simulator()
    stage.start_gateway()
    begin = run.samples.seconds()
    code, seconds = stage.client(
        [stage.binaries / 'src/enrichctl', '--server', f'127.0.0.1:{stage.ports["grpc"]}',
         '-q', 'enrich', '--in', contacts, '--out', results, '--batch-size', 2000,
         '--window', 16], stage.folder / 'enrichctl.out')
    end = run.samples.seconds()
    require(code == 0, f'enrichctl: {code}: {stage.log_of("client")[-2000:]}')
    counts = read_results(results)
    require(set(counts) <= {'found', 'not_found'} and sum(counts.values()) == run.size,
            f'results: {dict(counts)}')
    totals = stage.simulator_totals()['enrow']
    require(totals['repeated_lookups'] == 0 and totals['contacts'] == run.size,
            f'the simulator was asked otherwise: {totals}')
    stage.stop('gateway')
    run.tell('contacts', run.size)
    run.tell('of them found', counts['found'])
    run.tell('seconds', seconds)
    run.tell('contacts/s', run.size / seconds)
    run.tell('store MB per million contacts', stage.store_bytes() / run.size)
    run.tell_memory(begin, end)


# ---- Watchers -----------------------------------------------------------------


def run_watchers(run):
    stage = run.stage
    idle = 1 if run.short else 15
    contacts = 20 if run.short else 300
    stage.start_simulator()
    stage.start_gateway()
    # One stream, so that what the first costs is not counted.
    stage.scale('load', '--run', 'warm', '--contacts', 100, '--batch', 100)
    time.sleep(idle)
    before = run.samples.rows[-1]['gateway_mb']
    run.samples.mark('watchers come')
    begin = run.samples.seconds()
    result = stage.scale('load', '--run', 'all', '--first', 1000, '--contacts', contacts,
                         '--batch', 10, '--watchers', run.size, '--idle', idle)
    # The last look before the load: all streams are open, nothing is sent.
    loaded = begin + result['open_s'] + idle
    idle_mb = run.samples.of('gateway_mb', begin, loaded)[-1]
    run.samples.mark('watchers go')
    run.tell('watchers', run.size)
    run.tell('seconds to open them', result['open_s'])
    run.tell('gateway: resident kB for each, idle', (idle_mb - before) * 1e3 / run.size)
    run.tell('events each', result['events'])
    run.tell('seconds until the last saw the end', result['seconds'])
    run.tell('events delivered/s', result['events'] * run.size / result['seconds'])
    time.sleep(idle)
    run.tell('gateway: resident MB before', before)
    run.tell('gateway: resident MB, most', max(run.samples.of('gateway_mb')))
    run.tell('gateway: resident MB after', run.samples.rows[-1]['gateway_mb'])
    run.tell('gateway: file descriptors, most', max(run.samples.of('files')))
    # It serves on.
    stage.scale('load', '--run', 'after', '--first', 2000, '--contacts', 100,
                '--batch', 100)


# ---- History ------------------------------------------------------------------


def run_history(run):
    run.stage.start_simulator()
    run.stage.start_gateway()
    half, written = write_history(run)
    read_history(run, half, written)
    restart_on_history(run, half, written)
    turn_over(run, half)


def load(run, name, first, contacts, *more):
    return run.stage.scale('load', '--run', name, '--first', first, '--contacts',
                           contacts, '--batch', min(1000, contacts // 10), *more)


def write_history(run):
    """What came of the first half, and of all."""
    begin = run.samples.seconds()
    half = load(run, 'first-half', 0, run.size // 2)
    written = load(run, 'second-half', run.size, run.size // 2, '--digest', half['digest'])
    for name in ('contacts', 'batches', 'events', 'seconds'):
        written[name] += half[name]
    run.tell('results', run.size)
    run.tell('written, results/s', run.size / written['seconds'])
    run.tell('EnrichBatch: longest ms', written['longest_ms'])
    run.tell_memory(begin, run.samples.seconds())
    return half, written


def read_history(run, half, written):
    """From the oldest event, and from the middle."""
    run.samples.mark('replay')
    whole = run.stage.scale('replay', '--whole')
    require(whole['status'] == 'OK' and whole['contacts'] == written['contacts']
            and whole['digest'] == written['digest'],
            f'the replay is not what was written: {whole}')
    run.tell('replayed, results/s', run.size / whole['seconds'])
    resume(run, half, written)


def resume(run, half, written):
    rest = run.stage.scale('replay', '--token', half['token'], '--digest', half['digest'])
    require(rest['digest'] == written['digest'] and
            rest['events'] == written['events'] - half['events'],
            f'what a token resumes with is not the rest: {rest}')


def restart_on_history(run, half, written):
    run.samples.mark('restart')
    run.stage.stop('gateway')
    run.tell('store MB per million results', run.stage.store_bytes() / run.size)
    run.tell('start on it, seconds', run.stage.start_gateway())
    resume(run, half, written)


def turn_over(run, half):
    """Twice: all of it becomes too old, and half of it is written anew."""
    stage = run.stage
    gone, sizes, longest = half['token'], [], 0
    for turn in range(2):
        stage.stop('gateway')
        sizes.append(stage.store_bytes())
        stage.age_store()
        run.samples.mark('too old')
        stage.start_gateway()
        latest = load(run, f'turn-{turn}', run.size * (turn + 2), run.size // 2)
        longest = max(longest, latest['longest_ms'])
        stage.wait_for_batches(latest['batches'], 120 + run.size / 1000)
        gone = check_gone(run, gone, latest)
    stage.stop('gateway')
    sizes.append(stage.store_bytes())
    run.tell('EnrichBatch: longest ms while deleting', longest)
    run.tell('store MB when full', sizes[0] / 1e6)
    run.tell('store MB after as much again', sizes[-1] / 1e6)
    require(sizes[-1] <= 1.15 * sizes[0], f'the store grew: {sizes}')


def check_gone(run, token, latest):
    """What is deleted says so, and where to go on; what is not is whole.

    Returns the token where that begins.
    """
    refused = run.stage.scale('replay', '--token', token)
    oldest = refused['oldest_token']
    require(refused['status'] == 'OUT_OF_RANGE' and oldest,
            f'a token of what is deleted: {refused}')
    for where in ((), ('--token', oldest)):
        kept = run.stage.scale('replay', '--whole', *where)
        require(kept['digest'] == latest['digest'],
                f'what is kept is not what was written last: {kept}')
    return oldest


# ---- Mixed --------------------------------------------------------------------


def run_mixed(run):
    stage = run.stage
    stage.start_simulator('--faults', FAULTS)
    stage.start_gateway()
    begin = run.samples.seconds()
    result = stage.scale('load', '--run', 'mixed', '--mixed', '--onlookers',
                         '--seconds', run.size, '--rate', MIXED_RATE,
                         '--watchers', 3 if run.short else MIXED_WATCHERS)
    end = run.samples.seconds()
    totals = stage.simulator_totals()['enrow']
    require(totals['repeated_lookups'] == 0, f'Enrow was paid twice: {totals}')
    stage.stop('gateway')
    run.tell('contacts', result['contacts'])
    run.tell('batches', result['batches'])
    run.tell('events', result['events'])
    run.tell('contacts/s', result['contacts'] / result['seconds'])
    run.tell('looks at batches and history', result['looks'])
    run.tell('EnrichBatch: median ms', result['median_ms'])
    run.tell('EnrichBatch: longest ms', result['longest_ms'])
    run.tell('store MB per million contacts', stage.store_bytes() / result['contacts'])
    run.tell_memory(begin, end)


RUNS = {
    'csv': Kind(run_csv, 1000000, 3000),
    'watchers': Kind(run_watchers, 10000, 200),
    'history': Kind(run_history, 10000000, 2000),
    'mixed': Kind(run_mixed, 3600, 5),
}
