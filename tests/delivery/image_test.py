"""Dockerfile, .dockerignore and compose file, read without an engine."""

import fnmatch
import os
import re
import subprocess
import unittest

import yaml

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
UID = '65532'


def read(*path):
    with open(os.path.join(ROOT, *path), encoding='utf-8') as file:
        return file.read()


def instructions():
    """The Dockerfile's instructions as (name, rest), continuations joined."""
    text = re.sub(r'^#.*\n', '', read('Dockerfile'), flags=re.M)
    text = re.sub(r'\\\n\s*', '', text)
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


class Dockerfile(unittest.TestCase):

    def setUp(self):
        self.all = instructions()
        starts = [i for i, (name, _) in enumerate(self.all) if name == 'FROM']
        self.final = self.all[starts[-1]:]

    def rest_of(self, name):
        return [rest for n, rest in self.final if n == name]

    def test_every_stage_is_the_same_base(self):
        bases = {rest.split()[0] for name, rest in self.all if name == 'FROM'}
        self.assertEqual(bases, {'${DEBIAN_IMAGE}'})

    def test_is_understood_by_builders_without_heredocs(self):
        self.assertNotIn('<<', read('Dockerfile'))

    def test_runs_as_a_number_that_is_not_root(self):
        self.assertEqual(self.rest_of('USER'), [f'{UID}:{UID}'])

    def test_the_final_stage_has_nothing_of_the_build_but_its_output(self):
        for rest in self.rest_of('COPY'):
            self.assertRegex(rest, r'^--from=build /out/')

    def test_checks_its_health_with_its_own_binary(self):
        (check,) = self.rest_of('HEALTHCHECK')
        self.assertTrue(check.endswith('CMD ["enrich-gateway", "healthcheck"]'))

    def test_the_gateway_and_the_check_read_the_same_configuration(self):
        self.assertEqual(self.rest_of('ENV'),
                         ['ENRICH_CONFIG=/etc/enrich-gateway/config.yaml'])
        self.assertEqual(self.rest_of('CMD'), [])

    def test_everything_copied_exists_and_is_not_ignored(self):
        allowed = [line[1:] for line in read('.dockerignore').splitlines()
                   if line.startswith('!')]
        for name, rest in self.all:
            if name != 'COPY' or rest.startswith('--from'):
                continue
            for source in rest.split()[:-1]:
                self.assertTrue(os.path.exists(os.path.join(ROOT, source)), source)
                self.assertTrue(any(fnmatch.fnmatch(source, a) for a in allowed), source)


class RuntimePackages(unittest.TestCase):

    SCRIPT = os.path.join(ROOT, 'deploy', 'runtime-packages.sh')

    def run_script(self, *binaries):
        return subprocess.run([self.SCRIPT, *binaries], capture_output=True,
                              text=True, check=False)

    def test_names_the_package_of_each_library_once(self):
        result = self.run_script('/bin/ls', '/bin/cat')
        self.assertEqual(result.returncode, 0, result.stderr)
        packages = result.stdout.split()
        self.assertIn('libc6', packages)
        self.assertEqual(packages, sorted(set(packages)))

    def test_fails_for_what_is_no_binary(self):
        self.assertNotEqual(self.run_script(__file__).returncode, 0)
        self.assertEqual(self.run_script().returncode, 2)


class Compose(unittest.TestCase):

    def setUp(self):
        self.compose = yaml.safe_load(read('deploy', 'compose.yaml'))
        self.config = yaml.safe_load(read('deploy', 'config', 'compose.yaml'))
        self.services = self.compose['services']

    def test_ports_are_published_on_loopback_alone(self):
        for service in self.services.values():
            for port in service['ports']:
                self.assertRegex(port, r'^127\.0\.0\.1:(\d+):\1$')

    def test_services_have_no_rights_they_do_not_need(self):
        for service in self.services.values():
            self.assertIs(service['read_only'], True)
            self.assertEqual(service['cap_drop'], ['ALL'])
            self.assertEqual(service['security_opt'], ['no-new-privileges:true'])

    def test_the_gateway_finds_the_simulator_and_the_other_way_round(self):
        (listen,) = [a for a in self.services['simulator']['command']
                     if a.startswith('--listen=')]
        port = listen.rsplit(':', 1)[1]
        for provider in self.config['providers']:
            self.assertEqual(provider['base_url'],
                             f"http://simulator:{port}/{provider['adapter']}")
        server = self.config['server']
        webhook_port = server['webhook_listen'].rsplit(':', 1)[1]
        self.assertEqual(server['public_url'], f'http://gateway:{webhook_port}')

    def test_the_gateway_has_the_keys_the_simulator_takes(self):
        environment = self.services['gateway']['environment']
        command = self.services['simulator']['command']
        for provider in self.config['providers']:
            key = environment[provider['api_key'].removeprefix('env:')]
            self.assertIn(f"--{provider['adapter']}-key={key}", command)

    def test_the_store_is_on_the_volume(self):
        folders = {v.split(':')[1] for v in self.services['gateway']['volumes']}
        self.assertIn(os.path.dirname(self.config['store']['path']), folders)
        self.assertIn('data', self.compose['volumes'])


if __name__ == '__main__':
    unittest.main()
