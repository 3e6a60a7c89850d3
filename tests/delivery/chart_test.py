"""What the Helm chart renders, and what it refuses. Run by chart_test.sh."""

import functools
import glob
import json
import os
import re
import subprocess
import tempfile
import unittest

import yaml

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), '..', '..'))
CHART = os.path.join(ROOT, 'helm', 'enrich-gateway')
HELM = os.environ['HELM']
CASES = [None] + sorted(glob.glob(os.path.join(CHART, 'ci', '*-values.yaml')))
# The oldest version the chart supports.
KUBE_VERSION = '1.27.0'

PROVIDER = {'name': 'enrow', 'adapter': 'enrow', 'api_key': 'env:ENROW_API_KEY'}
REST = {'name': 'pronto', 'adapter': 'rest',
        'definition': '/usr/local/share/enrich-gateway/providers/pronto.yaml'}
SECRET = {'name': 'keys'}


def run(*args):
    return subprocess.run([HELM, *args], capture_output=True, text=True,
                          check=False)


def template(values_file=None, values=None):
    """Runs `helm template` on a file of values, or on a dictionary."""
    args = ['template', 'try', CHART, '--namespace', 'default',
            '--kube-version', KUBE_VERSION]
    if values is None:
        return run(*args, *(['--values', values_file] if values_file else []))
    with tempfile.NamedTemporaryFile('w', suffix='.yaml') as file:
        yaml.safe_dump(values, file)
        file.flush()
        return run(*args, '--values', file.name)


class UniqueKeyLoader(yaml.SafeLoader):
    """Refuses a key that stands twice, as Kubernetes' strict decoding does."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        doubled = {key for key in keys if keys.count(key) > 1}
        if doubled:
            raise yaml.YAMLError(f'{node.start_mark}: twice: {doubled}')
        return super().construct_mapping(node, deep)


def documents(text):
    return [d for d in yaml.load_all(text, UniqueKeyLoader) if d]


def pods(manifests):
    """The name and spec of every pod that the manifests lead to."""
    for manifest in manifests:
        if manifest['kind'] == 'Pod':
            yield manifest['metadata']['name'], manifest['spec']
        elif manifest['kind'] == 'StatefulSet':
            yield manifest['metadata']['name'], manifest['spec']['template']['spec']


def containers(spec):
    return spec.get('initContainers', []) + spec['containers']


def of_kind(manifests, kind):
    return [m for m in manifests if m['kind'] == kind]


def gateway_config(manifests):
    for config_map in of_kind(manifests, 'ConfigMap'):
        if 'config.yaml' in config_map['data']:
            return config_map['data']['config.yaml']
    raise AssertionError('no config.yaml')


def gateway_container(manifests):
    (stateful_set,) = of_kind(manifests, 'StatefulSet')
    (container,) = [c for c in stateful_set['spec']['template']['spec']['containers']
                    if c['name'] == 'gateway']
    return container


def config_checker():
    """A built binary with `config check`, or None."""
    pattern = os.path.join(ROOT, 'build', '*', 'src', 'enrich-gateway')
    found = sorted(glob.glob(pattern), key=os.path.getmtime)
    return os.environ.get('ENRICH_GATEWAY') or (found[-1] if found else None)


def on_every_case(test):
    """Runs a test of class Rendered on what each file of values renders."""
    @functools.wraps(test)
    def run_all(self):
        for case, text in self.outputs.items():
            with self.subTest(values=os.path.basename(case or 'defaults')):
                test(self, documents(text))
    return run_all


class Rendered(unittest.TestCase):
    """Holds for every file of values."""

    @classmethod
    def setUpClass(cls):
        cls.outputs = {}
        for case in CASES:
            result = template(case)
            if result.returncode != 0:
                raise AssertionError(f'{case}: {result.stderr}')
            cls.outputs[case] = result.stdout

    def test_lint_has_nothing_to_say(self):
        for case in CASES:
            result = run('lint', '--strict', CHART, '--kube-version', KUBE_VERSION,
                         *(['--values', case] if case else []))
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_a_second_rendering_is_the_same(self):
        for case, text in self.outputs.items():
            self.assertEqual(template(case).stdout, text)

    @on_every_case
    def test_every_object_is_named_once_and_in_the_namespace(self, manifests):
        names = [(m['kind'], m['metadata']['name']) for m in manifests]
        self.assertEqual(len(names), len(set(names)), names)
        for kind, name in names:
            self.assertRegex(name, r'^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')
        for manifest in manifests:
            if not manifest['metadata']['name'].endswith('-more'):
                self.assertEqual(manifest['metadata']['namespace'], 'default')

    @on_every_case
    def test_no_secret_is_made(self, manifests):
        self.assertEqual(of_kind(manifests, 'Secret'), [])

    @on_every_case
    def test_pods_keep_to_the_restricted_standard(self, manifests):
        for _, spec in pods(manifests):
            for field in ('hostNetwork', 'hostPID', 'hostIPC'):
                self.assertNotIn(field, spec)
            pod = spec['securityContext']
            self.assertIs(pod['runAsNonRoot'], True)
            self.assertEqual(pod['runAsUser'], 65532)
            self.assertEqual(pod['seccompProfile'], {'type': 'RuntimeDefault'})
            for container in containers(spec):
                security = container['securityContext']
                self.assertIs(security['allowPrivilegeEscalation'], False)
                self.assertEqual(security['capabilities'], {'drop': ['ALL']})
                self.assertNotIn('privileged', security)
            for volume in spec.get('volumes', []):
                kinds = set(volume) - {'name'}
                self.assertLessEqual(kinds, {'configMap', 'emptyDir', 'secret',
                                             'persistentVolumeClaim'})

    @on_every_case
    def test_our_containers_cannot_write_to_their_image_or_call_kubernetes(self, manifests):
        for _, spec in pods(manifests):
            self.assertIs(spec['automountServiceAccountToken'], False)
            self.assertIs(spec['enableServiceLinks'], False)
        security = gateway_container(manifests)['securityContext']
        self.assertIs(security['readOnlyRootFilesystem'], True)
        mounts = {m['mountPath'] for m in gateway_container(manifests)['volumeMounts']}
        self.assertLessEqual({'/tmp', '/var/lib/enrich-gateway'}, mounts)

    @on_every_case
    def test_every_mount_has_its_volume(self, manifests):
        for _, spec in pods(manifests):
            volumes = {v['name'] for v in spec.get('volumes', [])}
            for stateful_set in of_kind(manifests, 'StatefulSet'):
                volumes |= {c['metadata']['name'] for c in
                            stateful_set['spec'].get('volumeClaimTemplates', [])}
            for container in containers(spec):
                for mount in container.get('volumeMounts', []):
                    self.assertIn(mount['name'], volumes)

    @on_every_case
    def test_probes_ask_the_admin_port_by_number(self, manifests):
        container = gateway_container(manifests)
        listen = yaml.safe_load(gateway_config(manifests))['server']['admin_listen']
        for probe, path in (('startupProbe', '/healthz'), ('livenessProbe', '/healthz'),
                            ('readinessProbe', '/readyz')):
            http = container[probe]['httpGet']
            self.assertEqual(http['path'], path)
            self.assertIsInstance(http['port'], int)
            self.assertEqual(listen, f"0.0.0.0:{http['port']}")

    @on_every_case
    def test_ports_agree_with_the_configuration(self, manifests):
        server = yaml.safe_load(gateway_config(manifests))['server']
        ports = {p['name']: p['containerPort'] for p in
                 gateway_container(manifests)['ports']}
        self.assertEqual(ports, {
            name: int(server[f'{name}_listen'].rsplit(':', 1)[1])
            for name in ('grpc', 'webhook', 'admin')})
        for service in of_kind(manifests, 'Service'):
            for port in service['spec']['ports']:
                self.assertEqual(port['port'], ports[port['targetPort']])

    @on_every_case
    def test_services_and_policies_select_the_gateway_alone(self, manifests):
        (stateful_set,) = of_kind(manifests, 'StatefulSet')
        selector = stateful_set['spec']['selector']['matchLabels']
        labels = stateful_set['spec']['template']['metadata']['labels']
        self.assertLessEqual(selector.items(), labels.items())
        selectors = [s['spec']['selector'] for s in of_kind(manifests, 'Service')]
        selectors += [p['spec']['podSelector']['matchLabels']
                      for p in of_kind(manifests, 'NetworkPolicy')]
        self.assertEqual(len(selectors), 3)
        for chosen in selectors:
            self.assertEqual(chosen, selector)
        for pod in of_kind(manifests, 'Pod'):
            self.assertFalse(selector.items() <= pod['metadata']['labels'].items())

    @on_every_case
    def test_numbers_stay_whole(self, manifests):
        self.assertNotRegex(gateway_config(manifests), r'\d[eE]\+')

    @on_every_case
    def test_the_gateway_accepts_its_configuration(self, manifests):
        checker = config_checker()
        if checker is None:
            self.skipTest('no enrich-gateway is built')
        environment = {name: 'x' for name in (
            'ENROW_API_KEY', 'ENROW_OLD_API_KEY', 'FULLENRICH_API_KEY',
            'GATEWAY_TOKEN_GROWTH')}
        with tempfile.TemporaryDirectory() as folder:
            key = os.path.join(folder, 'key')
            path = os.path.join(folder, 'config.yaml')
            config = re.sub(r'file:\S+', f'file:{key}', gateway_config(manifests))
            for name, text in ((key, 'x'), (path, config)):
                with open(name, 'w', encoding='utf-8') as file:
                    file.write(text)
            result = subprocess.run([checker, 'config', 'check', path],
                                    env=environment, capture_output=True,
                                    text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)


class Choices(unittest.TestCase):

    def rendered(self, case):
        return documents(template(os.path.join(CHART, 'ci', case)).stdout)

    def test_a_secret_becomes_environment_or_files(self):
        container = gateway_container(self.rendered('env-secret-values.yaml'))
        self.assertEqual(container['envFrom'],
                         [{'secretRef': {'name': 'enrich-gateway-keys'}}])
        manifests = self.rendered('file-secret-values.yaml')
        self.assertNotIn('envFrom', gateway_container(manifests))
        (secret,) = [v['secret'] for v in
                     of_kind(manifests, 'StatefulSet')[0]['spec']['template']['spec']['volumes']
                     if 'secret' in v]
        self.assertEqual(secret, {'secretName': 'enrich-gateway-keys',
                                  'defaultMode': 0o440})

    def test_the_ingress_routes_webhooks_alone(self):
        manifests = self.rendered('env-secret-values.yaml')
        (ingress,) = of_kind(manifests, 'Ingress')
        (rule,) = ingress['spec']['rules']
        (path,) = rule['http']['paths']
        self.assertEqual(path['path'], '/v1/webhooks/')
        self.assertEqual(path['backend']['service']['port'], {'name': 'webhook'})
        config = yaml.safe_load(gateway_config(manifests))
        self.assertEqual(config['server']['public_url'], 'https://hooks.example.com')

    def test_the_store_is_a_claim_of_its_own_one_that_exists_or_nothing(self):
        def volumes(manifests):
            spec = of_kind(manifests, 'StatefulSet')[0]['spec']
            data = [v for v in spec['template']['spec']['volumes'] if v['name'] == 'data']
            return len(spec.get('volumeClaimTemplates', [])), data
        self.assertEqual(volumes(documents(template().stdout)), (1, []))
        claim = {'claimName': 'enrich-gateway-data'}
        self.assertEqual(volumes(self.rendered('file-secret-values.yaml')),
                         (0, [{'name': 'data', 'persistentVolumeClaim': claim}]))
        self.assertEqual(volumes(self.rendered('simulator-values.yaml')),
                         (0, [{'name': 'data', 'emptyDir': {}}]))

    def test_nothing_outside_reaches_the_admin_port(self):
        services = of_kind(self.rendered('tls-values.yaml'), 'Service')
        (balanced,) = [s for s in services if s['spec']['type'] == 'LoadBalancer']
        self.assertEqual([p['name'] for p in balanced['spec']['ports']],
                         ['grpc', 'webhook'])

    def test_under_tls_nothing_claims_plaintext(self):
        manifests = self.rendered('tls-values.yaml')
        self.assertEqual(of_kind(manifests, 'Pod'), [])
        for service in of_kind(manifests, 'Service'):
            (grpc,) = [p for p in service['spec']['ports'] if p['name'] == 'grpc']
            self.assertNotIn('appProtocol', grpc)

    def test_a_changed_configuration_restarts_the_pod(self):
        def checksum(values):
            manifests = documents(template(values=values).stdout)
            return of_kind(manifests, 'StatefulSet')[0]['spec']['template'][
                'metadata']['annotations']['checksum/config']
        self.assertNotEqual(checksum({}), checksum({'config': {'log_level': 'debug'}}))
        self.assertEqual(checksum({}), checksum({'service': {'type': 'NodePort'}}))

    def test_zero_and_false_count(self):
        values = {'probes': {'liveness': {'initialDelaySeconds': 0}},
                  'revisionHistoryLimit': 0,
                  'config': {'server': {'reflection': False}}}
        manifests = documents(template(values=values).stdout)
        self.assertEqual(gateway_container(manifests)['livenessProbe']['initialDelaySeconds'], 0)
        self.assertEqual(of_kind(manifests, 'StatefulSet')[0]['spec']['revisionHistoryLimit'], 0)
        self.assertIs(yaml.safe_load(gateway_config(manifests))['server']['reflection'], False)

    def test_a_label_of_the_user_does_not_replace_one_of_the_selector(self):
        values = {'podLabels': {'app.kubernetes.io/name': 'other'}}
        manifests = documents(template(values=values).stdout)
        labels = of_kind(manifests, 'StatefulSet')[0]['spec']['template']['metadata']['labels']
        self.assertEqual(labels['app.kubernetes.io/name'], 'enrich-gateway')


class Refused(unittest.TestCase):

    # What is wrong, the values, and what the message has to say.
    CONTRADICTIONS = [
        ('typo at the root', {'imge': {}}, 'imge'),
        ('typo further down', {'persistence': {'sise': '1Gi'}}, 'sise'),
        ('typo in the configuration', {'config': {'server': {'publik_url': ''}}},
         'publik_url'),
        ('replicas', {'replicaCount': 2}, 'replicaCount'),
        ('wrong type', {'ports': {'grpc': 'grpc'}}, 'ports.grpc'),
        ('shared volume', {'persistence': {'accessModes': ['ReadWriteMany']}},
         'accessModes'),
        ('no duration', {'config': {'server': {'drain_timeout': 20}}},
         'drain_timeout'),
        ('label of the chart', {'commonLabels': {'app.kubernetes.io/name': 'x'}},
         'commonLabels'),
        ('listener', {'config': {'server': {'grpc_listen': '0.0.0.0:1'}}},
         'config.server.grpc_listen'),
        ('store path', {'config': {'store': {'path': '/x'}}}, 'config.store.path'),
        ('port twice', {'ports': {'admin': 8080}}, 'must differ'),
        ('open API', {'config': {'server': {'behind_proxy': False}}},
         'config.server.tls'),
        ('grace within drain', {'config': {'server': {'drain_timeout': '1m'}}},
         'terminationGracePeriodSeconds'),
        ('ingress without host', {'ingress': {'enabled': True}}, 'ingress.host'),
        ('two public addresses',
         {'ingress': {'enabled': True, 'host': 'a.example.com'},
          'config': {'server': {'public_url': 'https://b.example.com'}}},
         'public_url'),
        ('claim without persistence',
         {'persistence': {'enabled': False, 'existingClaim': 'x'}},
         'existingClaim'),
        ('variable from nowhere', {'config': {'providers': [PROVIDER]}},
         'config.providers[0].api_key'),
        ('file from nowhere',
         {'config': {'auth': {'tokens': [{'tenant': 't', 'token': 'file:/t'}]}}},
         'config.auth.tokens[0].token'),
        ('provider twice',
         {'existingSecret': SECRET, 'config': {'providers': [PROVIDER, PROVIDER]}},
         'config.providers[1].name'),
        ('provider that is not there',
         {'config': {'waterfalls': {'phone': ['enrow']}}}, 'config.waterfalls.phone'),
        ('pasted secret of a provider file',
         {'existingSecret': SECRET, 'config': {'providers': [
             REST | {'secrets': {'api_secret': 'pasted'}}]}},
         'config.providers[0].secrets.api_secret must be a reference'),
        ('pasted end of a registered URL',
         {'existingSecret': SECRET, 'config': {'providers': [
             REST | {'callback_token': 'pasted'}]}},
         'config.providers[0].callback_token must be a reference'),
        ('plain http',
         {'existingSecret': SECRET,
          'config': {'providers': [PROVIDER | {'base_url': 'http://x'}]}},
         'allow_plain_http'),
    ]

    def test_values_that_contradict_each_other(self):
        for what, values, message in self.CONTRADICTIONS:
            with self.subTest(what):
                result = template(values=values)
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(message, result.stderr)

    def test_a_provider_of_a_file_needs_no_key(self):
        provider = REST | {'secrets': {'api_secret': 'env:SECRET'}}
        result = template(values={
            'existingSecret': SECRET,
            'config': {'providers': [provider],
                       'waterfalls': {'email_verification': ['pronto']}}})
        self.assertEqual(result.returncode, 0, result.stderr)
        without = {key: value for key, value in REST.items() if key != 'definition'}
        result = template(values={'config': {'providers': [without]}})
        self.assertNotEqual(result.returncode, 0)
        self.assertIn('definition is required', result.stderr)

    def test_a_key_among_the_values_without_repeating_it(self):
        provider = PROVIDER | {'api_key': 'pasted-by-mistake'}
        result = template(values={'config': {'providers': [provider]}})
        self.assertNotEqual(result.returncode, 0)
        self.assertIn('config.providers[0].api_key must be a reference', result.stderr)
        self.assertNotIn('pasted-by-mistake', result.stderr)


class Sources(unittest.TestCase):

    def setUp(self):
        with open(os.path.join(CHART, 'values.yaml'), encoding='utf-8') as file:
            self.values = yaml.safe_load(file)
        with open(os.path.join(CHART, 'values.schema.json'), encoding='utf-8') as file:
            self.schema = json.load(file)

    def test_the_schema_knows_every_key_of_the_configuration(self):
        path = os.path.join(ROOT, 'proto', 'enrich', 'config', 'v1', 'config.proto')
        with open(path, encoding='utf-8') as file:
            text = re.sub(r'//.*', '', file.read())
        messages = {
            name: re.findall(r'^\s*(?:repeated )?([\w.<>, ]+?) (\w+) = \d+;', body, re.M)
            for name, body in re.findall(r'message (\w+) \{(.*?)\n\}', text, re.S)}

        def check(message, schema, path):
            self.assertEqual(sorted(schema['properties']),
                             sorted(field for _, field in messages[message]), path)
            for kind, field in messages[message]:
                if kind in messages:
                    child = schema['properties'][field]
                    check(kind, child.get('items', child), f'{path}.{field}')
        check('Config', self.schema['properties']['config'], 'config')

    def test_values_and_schema_have_the_same_keys(self):
        self.assertEqual(set(self.schema['properties']) - set(self.values),
                         {'global', 'enabled'})
        self.assertLessEqual(set(self.values), set(self.schema['properties']))

    def test_the_readme_explains_every_value(self):
        with open(os.path.join(CHART, 'README.md'), encoding='utf-8') as file:
            explained = set(re.findall(r'`([\w.]+)`', file.read()))

        def leaves(node, path):
            schema = self.schema
            for part in path.split('.') if path else []:
                schema = schema['properties'][part]
            if not isinstance(node, dict) or 'properties' not in schema:
                return [path]
            return [leaf for key, child in node.items()
                    for leaf in leaves(child, f'{path}.{key}'.lstrip('.'))]

        named = {leaf for leaf in leaves(self.values, '')
                 if not leaf.startswith(('config.', 'probes.'))}
        self.assertEqual(named - explained, set())

    def test_the_chart_carries_the_version_of_the_build(self):
        with open(os.path.join(CHART, 'Chart.yaml'), encoding='utf-8') as file:
            chart = yaml.safe_load(file)
        with open(os.path.join(ROOT, 'CMakeLists.txt'), encoding='utf-8') as file:
            version = re.search(r'project\(\S+ VERSION ([\d.]+)', file.read())[1]
        self.assertEqual(chart['appVersion'], version)


if __name__ == '__main__':
    unittest.main()
